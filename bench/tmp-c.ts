const { createStores } = await import("../src/sandbox/stores.ts");
const { createRecordReader } = await import("../src/directory/store-record.ts");
const { createGeoIndex } = await import("../src/directory/geo-index.ts");
const { createTextIndex } = await import("../src/directory/text-index.ts");
const { createStoreIndex } = await import("../src/directory/store-index.ts");
const { loadConfig } = await import("../src/config/load.ts");
const { policy } = loadConfig("config");
const key = policy!.keys.get("locator-read")!;
const reader = createRecordReader({ search: key.routes[0]!, single: key.routes[1]! }, { all: () => [] } as never);
const N = 20000;
function* raw() { for (let chunk = 0; chunk < 20; chunk++) for (const s of createStores({ count: N / 20, seed: chunk, organization: 1, brand: "Acme", today: new Date() })) yield JSON.parse(JSON.stringify({ ...s, id: chunk.toString(16).padStart(2, "0") + s.id.slice(2), code: s.code + "-" + chunk })); }
const used = () => { gc!(); gc!(); const m = process.memoryUsage(); return [m.heapUsed, m.arrayBuffers]; };
async function measure(name: string, f: () => unknown) { const [h, a] = used() as [number, number]; const keep = f(); await new Promise((r) => setTimeout(r, 50)); const [h2, a2] = used() as [number, number]; console.log(name, "heap KB/store", ((h2 - h) / N / 1000).toFixed(2), "ab KB/store", ((a2 - a) / N / 1000).toFixed(2)); return keep; }
let records: any[] = [];
await measure("records", () => { for (const s of raw()) { const r = reader.read(s); if (r) records.push(r); } return records; });
console.log(records[7].listed.map((b: Buffer) => b.length), records[7].facts.map((b: Buffer) => b.length), records[7].alone === records[7].listed, new Set(records.map((r) => r.open)).size, new Set(records.map((r) => r.listed[1])).size, records[7].pin.length);
const keep: any[] = [];
keep.push(await measure("geo", () => { const g = createGeoIndex(); records.forEach((r, i) => g.set(i, r.position)); g.nearest({lat:48,lon:2},{limit:1,within:1e9,admits:()=>true}); return g; }));
keep.push(await measure("text", () => { const g = createTextIndex(); records.forEach((r, i) => g.set(i, r.texts)); return g; }));
keep.push(await measure("index", () => createStoreIndex(records)));
