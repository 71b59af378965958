/** Words the made-up world is written in: streets, people, descriptions. Data only; nobody here exists. */
import type { Country } from "./cities.ts";

/** What differs by country. */
export interface CountryPhrases {
  readonly lang: string;
  readonly countryName: string;
  readonly callingCode: string;
  readonly streets: readonly string[];
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
  /** `{city}`, `{quarter}` and `{name}` are filled in. */
  readonly shortDescriptions: readonly string[];
  readonly longDescriptions: readonly string[];
  /** Path segment of store pages. */
  readonly storePath: string;
}

export const PHRASES: Readonly<Record<Country, CountryPhrases>> = {
  FR: {
    lang: "fr",
    countryName: "France",
    callingCode: "+33",
    streets: [
      "rue de la République",
      "avenue Jean-Jaurès",
      "boulevard Victor-Hugo",
      "rue Saint-Jacques",
      "place du Marché",
      "rue des Écoles",
      "avenue du Général-Leclerc",
      "rue de l’Hôtel-de-Ville",
      "cours Gambetta",
      "quai de la Fontaine",
      "rue Émile-Zola",
      "rue du Faubourg-Saint-Antoine",
      "allée des Tilleuls",
      "rue Notre-Dame",
      "boulevard Pasteur",
      "impasse des Cerisiers",
    ],
    firstNames: ["Camille", "Élodie", "Jérôme", "Noémie", "Théo", "Aurélie", "Loïc", "Inès", "François", "Mélanie", "Raphaël", "Hélène"],
    lastNames: [
      "Delacroix-Martin",
      "Lefèvre",
      "Garrigue",
      "Béraud",
      "Thévenot",
      "Marchand",
      "Quéméner",
      "Roussel",
      "Chevallier",
      "Périn",
      "Vasseur",
      "Naudin",
    ],
    shortDescriptions: [
      "Votre magasin {name} au cœur de {city}.",
      "Produits frais et service souriant à {city}, quartier {quarter}.",
      "Retrait en deux heures, parking à deux pas.",
    ],
    longDescriptions: [
      "Depuis plus de dix ans, l’équipe de {name} vous accueille dans le quartier {quarter}. Primeurs de la région, pain cuit sur place et conseils à toute heure : venez comme vous êtes.",
      "À deux pas du tramway, {name} réunit un marché, un comptoir de retrait et un coin café. Accès de plain-pied, poussettes et fauteuils bienvenus.",
    ],
    storePath: "magasins",
  },
  ES: {
    lang: "es",
    countryName: "España",
    callingCode: "+34",
    streets: [
      "Calle Mayor",
      "Avenida de la Constitución",
      "Calle de Alcalá Galiano",
      "Paseo de la Estación",
      "Plaza de España",
      "Calle San Sebastián",
      "Ronda de Toledo",
      "Calle Ramón y Cajal",
      "Avenida de Andalucía",
      "Calle del Príncipe",
      "Calle Núñez de Balboa",
      "Travesía del Río",
      "Calle Concepción Arenal",
      "Paseo Marítimo",
    ],
    firstNames: ["Lucía", "Andrés", "Begoña", "Íñigo", "Sofía", "Álvaro", "Nuria", "Martín", "Rocío", "Jesús", "Marta", "Óscar"],
    lastNames: [
      "Ibáñez Soler",
      "Muñoz Peña",
      "Echeverría Ruiz",
      "Castaño Gil",
      "Núñez Prieto",
      "Vázquez Rey",
      "Llorente Sanz",
      "Domènech Vila",
      "Carrasco Mora",
      "Zubiri Alonso",
    ],
    shortDescriptions: [
      "Tu tienda {name} en el centro de {city}.",
      "Producto fresco y trato cercano en {quarter}, {city}.",
      "Recogida en dos horas y aparcamiento cercano.",
    ],
    longDescriptions: [
      "En {name} llevamos años atendiendo a los vecinos de {quarter}. Fruta de temporada, pan del día y un rincón para tomar café sin prisas.",
      "A un paso del metro, {name} reúne mercado, recogida de pedidos y cafetería. Entrada accesible para sillas de ruedas y cochecitos.",
    ],
    storePath: "tiendas",
  },
  IT: {
    lang: "it",
    countryName: "Italia",
    callingCode: "+39",
    streets: [
      "Via Roma",
      "Corso Garibaldi",
      "Via Giuseppe Verdi",
      "Piazza Dante",
      "Via XX Settembre",
      "Viale della Libertà",
      "Via San Niccolò",
      "Corso Vittorio Emanuele II",
      "Via dell’Università",
      "Largo Mazzini",
      "Via Santa Lucia",
      "Via Cesare Battisti",
      "Piazza della Vittoria",
      "Via dei Mille",
    ],
    firstNames: [
      "Niccolò",
      "Chiara",
      "Matteo",
      "Giulia",
      "Tommaso",
      "Beatrice",
      "Davide",
      "Alessia",
      "Lorenzo",
      "Ilaria",
      "Pietro",
      "Noemi",
    ],
    lastNames: [
      "Bellandi",
      "D’Angelosante",
      "Rossetti",
      "Forlanini",
      "Caligaris",
      "Montefalcone",
      "Pellegrinelli",
      "Sartori",
      "Quaranta",
      "Dell’Orto",
    ],
    shortDescriptions: [
      "Il tuo negozio {name} nel cuore di {city}.",
      "Prodotti freschi e cortesia a {city}, zona {quarter}.",
      "Ritiro in due ore, parcheggio vicino.",
    ],
    longDescriptions: [
      "Da oltre dieci anni {name} accoglie chi vive in zona {quarter}: frutta di stagione, pane appena sfornato e un angolo caffè perché la spesa sia un piacere.",
      "A due passi dalla fermata del tram, {name} unisce mercato, punto di ritiro e caffetteria. Ingresso senza gradini, passeggini benvenuti.",
    ],
    storePath: "negozi",
  },
};

/** Values of the custom field Services. */
export const SERVICES = [
  "ClickAndCollect",
  "GiftCards",
  "ParcelPoint",
  "Bakery",
  "DisabledAccess",
  "BabyChanging",
  "FreeWifi",
  "PhotoKiosk",
] as const;
