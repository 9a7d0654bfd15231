// Reads {items, bibtex} from standard input; writes {references: {id: text}, bibtex: [CSL items]} of citation-js.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(pathToFileURL(`${process.argv[2]}/package.json`))
const { Cite, plugins } = require('@citation-js/core')
require('@citation-js/plugin-csl')
require('@citation-js/plugin-bibtex')

const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const { items, bibtex } = JSON.parse(Buffer.concat(chunks).toString())
const options = { format: 'text', template: 'apa', lang: 'en-US', asEntryArray: true }
const references = Object.fromEntries(new Cite(items).format('bibliography', options))
plugins.config.get('@bibtex').parse.sentenceCase = 'never'
// Entry by entry: one formula that it does not know ends a whole file.
const parsed = bibtex.split(/\n(?=@)/).flatMap((entry) => {
  try {
    return new Cite(entry).data.map(({ _graph, ...item }) => item)
  } catch {
    return []
  }
})
process.stdout.write(JSON.stringify({ references, bibtex: parsed }))
