/** Names that generated code is read by: stable, so that a new route changes none of them. */

/** What an item of an endpoint is called; where it is like the item of its list, both are one. */
const ITEMS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "/business/search": ["Business"],
  "/business/{business_id}": ["Business", "BusinessDetail"],
  "/business/{business_id}/attributes": ["BusinessAttribute"],
  "/business/{business_id}/more_hours": ["MoreHours"],
  "/business/{business_id}/place_action_links": ["PlaceActionLinks"],
  "/business/{business_id}/partner_urls": ["PartnerUrls"],
  "/categories": ["Category"],
  "/categories/{category_id}": ["Category", "CategoryDetail"],
  "/attributes/list": ["AttributeGroup"],
  "/posts": ["Post"],
  "/sections": ["Section"],
  "/reviews": ["Review"],
  "/review_analytics/metrics": ["ReviewMetrics"],
};

/** `/business/{business_id}/more_hours` → businessMoreHours; one that ends with a parameter: businessById. */
export function operationIdOf(template: string): string {
  const literals = template.split("/").filter((segment) => segment !== "" && !segment.startsWith("{"));
  const words = literals.flatMap((literal) => literal.split("_"));
  const name = words.map((word, position) => (position === 0 ? word : capital(word))).join("");
  return template.endsWith("}") ? `${name}ById` : name;
}

export function itemNamesOf(template: string): readonly [string, ...string[]] {
  return ITEMS[template] ?? [capital(operationIdOf(template))];
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
