// node parse.mjs PARSER SYNTAX [IRI=FILE …] : RDF on standard input, its canonical N-Quads (RDFC-1.0) on standard output.
//
// PARSER: n3 (turtle, trig, ntriples, nquads), jsonld (jsonld), rdfxml-streaming-parser (rdfxml). IRI=FILE: a JSON-LD context
// and where it lies; no other is loaded, and nothing is fetched. What cannot be parsed is a message on standard error, status 1.
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import jsonld from 'jsonld';
import { Parser } from 'n3';
import canonize from 'rdf-canonize';
import { RdfXmlParser } from 'rdfxml-streaming-parser';

const MEDIA_TYPES = {
  turtle: 'text/turtle',
  trig: 'application/trig',
  ntriples: 'application/n-triples',
  nquads: 'application/n-quads',
};
const [parser, syntax, ...contexts] = process.argv.slice(2);
const files = new Map(contexts.map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));

async function documentLoader(url) {
  if (!files.has(url)) throw new Error(`${url} is not at hand, and nothing is fetched`);
  return { documentUrl: url, document: JSON.parse(readFileSync(files.get(url), 'utf8')) };
}

function rdfxml(text) {
  return new Promise((resolve, reject) => {
    const quads = [];
    const stream = new RdfXmlParser({ validateUri: true });
    stream.on('data', quad => quads.push(quad)).on('error', reject).on('end', () => resolve(quads));
    stream.end(text);
  });
}

const PARSERS = {
  n3: text => new Parser({ format: MEDIA_TYPES[syntax] }).parse(text),
  jsonld: text => jsonld.toRDF(JSON.parse(text), { documentLoader, safe: true }),
  'rdfxml-streaming-parser': rdfxml,
};

// rdf-canonize takes blank nodes whose labels begin as canonical ones do for done with, so every label gets another beginning
function relabelled(quad) {
  const term = one => (one.termType === 'BlankNode' ? { termType: 'BlankNode', value: `of-${one.value.replace('_:', '')}` } : one);
  return { subject: term(quad.subject), predicate: quad.predicate, object: term(quad.object), graph: term(quad.graph) };
}

try {
  const bytes = await buffer(process.stdin);
  const quads = await PARSERS[parser](new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  process.stdout.write(await canonize.canonize(quads.map(relabelled), { algorithm: 'RDFC-1.0', format: 'application/n-quads', maxWorkFactor: 3 }));
} catch (error) {
  const { cause, ...details } = error.details ?? {};
  console.error(`${parser}: ${cause?.message ?? error.message} ${JSON.stringify(details)}`.slice(0, 1000));
  process.exitCode = 1;
}
