import { type Document, isNode, LineCounter, type Node, parseDocument } from 'yaml'
import { UpturnError } from '../../errors/index.ts'
import { type Definition, definitionSchema } from './schema.ts'

/** The text of one definition file and its name, for messages. */
export interface DefinitionFile {
  file: string
  text: string
}

/**
 * Reads a phenotype definition (YAML 1.2). Refuses with `DefinitionInvalid`, file, line and column; all mistakes of a
 * file are in `details.problems`, the first in the message.
 */
export function parseDefinition({ file, text }: DefinitionFile): Definition {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, version: '1.2', uniqueKeys: true })
  const place = (offset: number) => {
    const { line, col } = counter.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const broken = document.errors[0]
  if (broken !== undefined)
    throw new UpturnError('DefinitionInvalid', `the definition is not valid YAML: ${broken.message.split('\n')[0]}`, {
      place: place(broken.pos[0]),
    })
  const parsed = definitionSchema.safeParse(document.toJS({ maxAliasCount: 0 }))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.map(String)
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : []
    const node = nodeAt(document, unknown.length > 0 ? [...path, unknown[0]] : path)
    return { ...place(node?.range?.[0] ?? 0), message: `${[...path].join('.') || 'the definition'}: ${issue.message}` }
  })
  const first = problems[0]
  throw new UpturnError('DefinitionInvalid', first.message, {
    place: { file, line: first.line, column: first.column },
    details: { problems },
  })
}

/** The node at a path, or the nearest that encloses it where the path ends early (a key that is missing). */
function nodeAt(document: Document, path: readonly string[]): Node | null {
  for (let length = path.length; length >= 0; length--) {
    const found = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(found) && found.range != null) return found
  }
  return null
}

/** Parses several files; refuses two definitions of one id. */
export function parseDefinitions(files: readonly DefinitionFile[]): Definition[] {
  const seen = new Map<string, string>()
  return files.map((one) => {
    const definition = parseDefinition(one)
    const before = seen.get(definition.id)
    if (before !== undefined)
      throw new UpturnError(
        'DefinitionInvalid',
        `'${definition.id}' is also defined in ${before}; give one another id`,
        {
          place: { file: one.file, line: 1 },
        },
      )
    seen.set(definition.id, one.file)
    return definition
  })
}
