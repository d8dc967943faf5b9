// node comunica.mjs SOURCE : queries on standard input (JSON: name, [query, media type]), what Comunica answers to each on standard
// output (JSON: name, text). Comunica's own command would be started anew for each.
import { json, text } from 'node:stream/consumers';
import { QueryEngine } from '@comunica/query-sparql';

const [address] = process.argv.slice(2);
// what Comunica's own command makes of such an address
const source = address.startsWith('sparql@') ? { type: 'sparql', value: address.slice('sparql@'.length) } : address;
const engine = new QueryEngine();
const found = {};
for (const [name, [query, mediaType]] of Object.entries(await json(process.stdin))) {
  const result = await engine.query(query, { sources: [source] });
  const { data } = await engine.resultToString(result, mediaType);
  found[name] = await text(data);
}
process.stdout.write(JSON.stringify(found));
