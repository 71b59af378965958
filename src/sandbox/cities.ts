/** Where the made-up stores stand: real cities with their real quarters, postcodes and coordinates. Data only. */

export type Country = "FR" | "ES" | "IT";

/** A city with at least one store. */
export interface City {
  readonly name: string;
  readonly country: Country;
  readonly region: string;
  /** Middle part of store codes, as in `FR-PAR-001`. */
  readonly short: string;
  readonly lat: number;
  readonly long: number;
  /** How far from the centre stores stand at most; less where the sea is near. */
  readonly spreadKm: number;
  /** Share of the stores, relative to other cities. */
  readonly weight: number;
  /** What follows the country's calling code, up to where made-up digits start. */
  readonly dial: string;
  /** Quarters with the postcode that belongs to them. */
  readonly quarters: readonly (readonly [name: string, zipcode: string])[];
}

/** French numbers start with prefixes that the regulator keeps for films and books: they reach nobody. */
const PARIS = "19900";
const WEST = "26191";
const EAST = "35301";
const SOUTH_EAST = "46571";
const SOUTH_WEST = "53649";

/** All cities, larger ones with more weight. */
export const CITIES: readonly City[] = [
  city("Paris", "FR", "Île-de-France", "PAR", 48.8566, 2.3522, 3, 9, PARIS, "Opéra 75009|Bastille 75011|Marais 75004|Montparnasse 75014|Batignolles 75017|Montmartre 75018|Belleville 75020|Bercy 75012|République 75010|Saint-Germain 75006|Châtelet 75001|Grenelle 75015"),
  city("Lyon", "FR", "Auvergne-Rhône-Alpes", "LYO", 45.764, 4.8357, 3, 5, SOUTH_EAST, "Bellecour 69002|Part-Dieu 69003|Croix-Rousse 69004|Vieux Lyon 69005|Brotteaux 69006|Gerland 69007|Monplaisir 69008|Vaise 69009"),
  city("Marseille", "FR", "Provence-Alpes-Côte d’Azur", "MRS", 43.2965, 5.3898, 1.5, 4, SOUTH_EAST, "Vieux-Port 13001|Joliette 13002|Belle de Mai 13003|Cinq Avenues 13004|La Timone 13005|Castellane 13006|Prado 13008"),
  city("Toulouse", "FR", "Occitanie", "TLS", 43.6047, 1.4442, 3, 3, SOUTH_WEST, "Capitole 31000|Minimes 31200|Saint-Cyprien 31300|Rangueil 31400|Côte Pavée 31500"),
  city("Nice", "FR", "Provence-Alpes-Côte d’Azur", "NCE", 43.7102, 7.262, 1.2, 3, SOUTH_EAST, "Masséna 06000|Libération 06100|Arénas 06200|Le Port 06300"),
  city("Nantes", "FR", "Pays de la Loire", "NTE", 47.2184, -1.5536, 3, 3, WEST, "Commerce 44000|Chantenay 44100|Île de Nantes 44200|Beaujoire 44300"),
  city("Montpellier", "FR", "Occitanie", "MPL", 43.6108, 3.8767, 3, 2, SOUTH_EAST, "Comédie 34000|Croix d’Argent 34070|Mosson 34080|Boutonnet 34090"),
  city("Strasbourg", "FR", "Grand Est", "SXB", 48.5734, 7.7521, 3, 2, EAST, "Grande Île 67000|Neudorf 67100|Koenigshoffen 67200|Krutenau 67000"),
  city("Bordeaux", "FR", "Nouvelle-Aquitaine", "BOD", 44.8378, -0.5792, 3, 3, SOUTH_WEST, "Quinconces 33000|La Bastide 33100|Caudéran 33200|Bacalan 33300|Nansouty 33800"),
  city("Lille", "FR", "Hauts-de-France", "LIL", 50.6292, 3.0573, 3, 3, EAST, "Vieux-Lille 59800|Wazemmes 59000|Fives 59800|Gambetta 59000"),
  city("Rennes", "FR", "Bretagne", "RNS", 48.1173, -1.6778, 3, 2, WEST, "Sainte-Anne 35000|La Poterie 35200|Maurepas 35700|Villejean 35000"),
  city("Reims", "FR", "Grand Est", "RHE", 49.2583, 4.0317, 3, 1, EAST, "Cathédrale 51100|Clairmarais 51100|Boulingrin 51100"),
  city("Saint-Étienne", "FR", "Auvergne-Rhône-Alpes", "STE", 45.4397, 4.3872, 3, 1, SOUTH_EAST, "Hôtel de Ville 42000|Bellevue 42100|Châteaucreux 42000"),
  city("Grenoble", "FR", "Auvergne-Rhône-Alpes", "GNB", 45.1885, 5.7245, 2.5, 2, SOUTH_EAST, "Victor-Hugo 38000|Europole 38000|Grand’Place 38100"),
  city("Dijon", "FR", "Bourgogne-Franche-Comté", "DIJ", 47.322, 5.0415, 3, 1, EAST, "Darcy 21000|Toison d’Or 21000|Montchapet 21000"),
  city("Angers", "FR", "Pays de la Loire", "ANE", 47.4784, -0.5632, 3, 1, WEST, "Ralliement 49000|La Doutre 49100|Lac de Maine 49000"),
  city("Aix-en-Provence", "FR", "Provence-Alpes-Côte d’Azur", "QXB", 43.5297, 5.4474, 3, 1, SOUTH_EAST, "Mirabeau 13100|Jas de Bouffan 13090|Sextius 13100"),
  city("Besançon", "FR", "Bourgogne-Franche-Comté", "QBQ", 47.2378, 6.0241, 2.5, 1, EAST, "Battant 25000|Chamars 25000|Planoise 25000"),
  city("Orléans", "FR", "Centre-Val de Loire", "ORE", 47.9029, 1.9093, 3, 1, WEST, "Martroi 45000|La Source 45100|Coligny 45000"),
  city("Nîmes", "FR", "Occitanie", "FNI", 43.8367, 4.3601, 3, 1, SOUTH_EAST, "Arènes 30000|Gambetta 30000|Costières 30900"),
  city("Madrid", "ES", "Comunidad de Madrid", "MAD", 40.4168, -3.7038, 3, 6, "91", "Sol 28013|Salamanca 28001|Chamberí 28010|Lavapiés 28012|Malasaña 28004|Retiro 28009|Tetuán 28020|Arganzuela 28045"),
  city("Barcelona", "ES", "Cataluña", "BCN", 41.3874, 2.1686, 1.8, 5, "93", "Eixample 08008|Gràcia 08012|Gòtic 08002|Sants 08014|Poblenou 08005|Sarrià 08017|Raval 08001"),
  city("València", "ES", "Comunitat Valenciana", "VLC", 39.4699, -0.3763, 3, 3, "96", "Ciutat Vella 46001|Russafa 46006|Benimaclet 46020|Campanar 46015"),
  city("Sevilla", "ES", "Andalucía", "SVQ", 37.3891, -5.9845, 3, 3, "95", "Triana 41010|Centro 41001|Nervión 41005|Los Remedios 41011"),
  city("Zaragoza", "ES", "Aragón", "ZAZ", 41.6488, -0.8891, 3, 2, "976", "Centro 50001|Delicias 50010|Actur 50018|Las Fuentes 50002"),
  city("Málaga", "ES", "Andalucía", "AGP", 36.7213, -4.4214, 1, 2, "95", "Soho 29001|Huelin 29002|Teatinos 29010"),
  city("Murcia", "ES", "Región de Murcia", "MJV", 37.9922, -1.1307, 3, 1, "968", "Centro 30001|El Carmen 30002|La Flota 30007"),
  city("Bilbao", "ES", "País Vasco", "BIO", 43.263, -2.935, 2, 2, "94", "Casco Viejo 48005|Abando 48001|Indautxu 48011|Deusto 48014"),
  city("Alicante", "ES", "Comunitat Valenciana", "ALC", 38.3452, -0.481, 0.8, 1, "96", "Centro 03001|Benalúa 03007|Carolinas 03012"),
  city("Córdoba", "ES", "Andalucía", "ODB", 37.8882, -4.7794, 2.5, 1, "957", "Tendillas 14002|Judería 14003|Ciudad Jardín 14004"),
  city("Valladolid", "ES", "Castilla y León", "VLL", 41.6523, -4.7245, 3, 1, "983", "Centro 47001|Parquesol 47014|Delicias 47013"),
  city("A Coruña", "ES", "Galicia", "LCG", 43.3623, -8.4115, 0.8, 1, "981", "Ensanche 15004|Monte Alto 15002|Los Rosales 15011"),
  city("Logroño", "ES", "La Rioja", "RJL", 42.4627, -2.4449, 2, 1, "941", "Laurel 26001|El Espolón 26001|El Cubo 26006"),
  city("Roma", "IT", "Lazio", "ROM", 41.9028, 12.4964, 3, 6, "06", "Trastevere 00153|Prati 00192|Esquilino 00185|Monti 00184|Parioli 00197|Centro Storico 00186|EUR 00144"),
  city("Milano", "IT", "Lombardia", "MIL", 45.4642, 9.19, 3, 5, "02", "Duomo 20122|Brera 20121|Navigli 20144|Isola 20159|Città Studi 20133|Porta Venezia 20129|Centrale 20124"),
  city("Napoli", "IT", "Campania", "NAP", 40.8518, 14.2681, 1.5, 3, "081", "Chiaia 80121|Vomero 80127|Centro Storico 80134|Fuorigrotta 80125"),
  city("Torino", "IT", "Piemonte", "TRN", 45.0703, 7.6869, 3, 3, "011", "San Salvario 10125|Crocetta 10129|Vanchiglia 10124|Lingotto 10126"),
  city("Palermo", "IT", "Sicilia", "PMO", 38.1157, 13.3615, 1.2, 2, "091", "Politeama 90139|Kalsa 90133|Libertà 90143"),
  city("Genova", "IT", "Liguria", "GOA", 44.4056, 8.9463, 0.8, 2, "010", "De Ferrari 16121|Foce 16129|Albaro 16145"),
  city("Bologna", "IT", "Emilia-Romagna", "BLQ", 44.4949, 11.3426, 3, 2, "051", "Piazza Maggiore 40124|Saragozza 40123|San Donato 40127|Bolognina 40129"),
  city("Firenze", "IT", "Toscana", "FLR", 43.7696, 11.2558, 2.5, 2, "055", "Duomo 50122|Santa Maria Novella 50123|Oltrarno 50125|Novoli 50127"),
  city("Bari", "IT", "Puglia", "BRI", 41.1171, 16.8719, 0.8, 1, "080", "Murat 70122|Poggiofranco 70124|Carrassi 70125"),
  city("Verona", "IT", "Veneto", "VRN", 45.4384, 10.9916, 2.5, 1, "045", "Centro 37121|Borgo Trento 37126|Veronetta 37129"),
  city("Venezia", "IT", "Veneto", "VCE", 45.4386, 12.3267, 0.6, 1, "041", "San Marco 30124|Rialto 30125|Cannaregio 30121"),
  city("Padova", "IT", "Veneto", "QPA", 45.4064, 11.8768, 3, 1, "049", "Prato della Valle 35123|Portello 35131|Arcella 35132"),
  city("Trieste", "IT", "Friuli-Venezia Giulia", "TRS", 45.6495, 13.7768, 0.6, 1, "040", "Cavana 34124|Borgo Teresiano 34132|Roiano 34135"),
];

function city(name: string, country: Country, region: string, short: string, lat: number, long: number, spreadKm: number, weight: number, dial: string, quarters: string): City {
  return { name, country, region, short, lat, long, spreadKm, weight, dial, quarters: quarters.split("|").map(quarterOf) };
}

/** The postcode is the last word, the rest is the name. */
function quarterOf(text: string): readonly [string, string] {
  const space = text.lastIndexOf(" ");
  return [text.slice(0, space), text.slice(space + 1)];
}
