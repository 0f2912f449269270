import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { isUpturnError, UpturnError } from '../errors/index.ts'
import { fileError } from '../host/node/files.ts'
import { genotypeFormats, type Study, studySchema } from './schema.ts'

/** One mistake of a study file, at its place. */
export interface Problem {
  line: number
  column: number
  /** `cohorts.star.genotypes.build`. */
  path: string
  message: string
}

export interface LoadedStudy {
  study: Study
  /** What the file says, before defaults. */
  given: unknown
  file: string
  /** Paths in the study are relative to this folder. */
  folder: string
  /** Where in the file a path of the study stands. */
  locate(path: readonly PropertyKey[]): { line: number; column: number }
}

/** Distance of two words by insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]
      row[j] = Math.min(row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.length]
}

const closest = (word: string, options: readonly string[]) =>
  options
    .map((option) => ({ option, distance: editDistance(word.toLowerCase(), option.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0]

/** Other names of the builds, as other tools write them. */
const synonyms: Record<string, string> = {
  hg38: 'GRCh38',
  hg19: 'GRCh37',
  b37: 'GRCh37',
  hg18: 'NCBI36',
  hg17: 'NCBI35',
  GRCh36: 'NCBI36',
}

const suggestion = (word: string, options: readonly string[]): string => {
  const synonym = Object.entries(synonyms).find(([name]) => name.toLowerCase() === word.toLowerCase())?.[1]
  if (synonym !== undefined && options.includes(synonym)) return `; ${word} is written ${synonym} here`
  const best = closest(word, options)
  return best !== undefined && best.distance <= Math.max(2, word.length / 3) ? `; did you mean ${best.option}?` : ''
}

/** Keys that the schema knows at a path, for suggestions. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: walks zod's own definition tree, which has no public type
  let node: any = studySchema
  const unwrap = () => {
    while (node?.def?.innerType !== undefined) node = node.def.innerType
  }
  unwrap()
  for (const key of path) {
    if (node?.def?.type === 'record') node = node.def.valueType
    else if (node?.def?.type === 'object') node = node.def.shape[key]
    else if (node?.def?.type === 'array') node = node.def.element
    unwrap()
  }
  return node?.def?.type === 'object' ? Object.keys(node.def.shape) : []
}

function locator(document: Document, lines: LineCounter) {
  return (path: readonly PropertyKey[], key?: string): { line: number; column: number } => {
    for (let depth = path.length; depth >= 0; depth--) {
      const at = path.slice(0, depth)
      const node = at.length === 0 ? document.contents : document.getIn(at, true)
      if (key !== undefined && depth === path.length && isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
        if (isScalar(pair?.key) && pair.key.range) {
          const { line, col } = lines.linePos(pair.key.range[0])
          return { line, column: col }
        }
      }
      const range = (node as { range?: [number, number, number] } | null | undefined)?.range
      if (range) {
        const { line, col } = lines.linePos(range[0])
        return { line, column: col }
      }
    }
    return { line: 1, column: 1 }
  }
}

const kindOf = (value: unknown) =>
  Array.isArray(value)
    ? 'a list'
    : value === null
      ? 'empty'
      : typeof value === 'object'
        ? 'a mapping'
        : JSON.stringify(value)

/** Throws StudyInvalid that lists every problem; `details.problems` holds them. */
export function refuseStudy(file: string, problems: readonly Problem[]): never {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
  const text = sorted.map((p) => `${file}:${p.line}:${p.column} ${p.path === '' ? '' : `${p.path}: `}${p.message}`)
  throw new UpturnError(
    'StudyInvalid',
    `${sorted.length === 1 ? 'one thing does' : `${sorted.length} things do`} not fit in the study file:\n${text.map((line) => `  ${line}`).join('\n')}`,
    { place: { file, line: sorted[0]?.line, column: sorted[0]?.column }, details: { problems: sorted } },
  )
}

/** Parses the text of a study file; every mistake of form is reported at once. */
export function parseStudy(text: string, file: string): LoadedStudy {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', prettyErrors: false })
  const problems: Problem[] = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0])
    return { line, column: col, path: '', message: `not valid YAML: ${error.message.split('\n')[0]}` }
  })
  visit(document, {
    Alias(_key, node) {
      const { line, col } = lines.linePos(node.range?.[0] ?? 0)
      problems.push({ line, column: col, path: '', message: 'aliases (*name) are not read; write the value out' })
    },
  })
  if (problems.length > 0) refuseStudy(file, problems)
  const value: unknown = document.toJS()
  const locate = locator(document, lines)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuseStudy(file, [
      {
        line: 1,
        column: 1,
        path: '',
        message: `a study file is a mapping that begins with name:, this is ${kindOf(value)}`,
      },
    ])
  const parsed = studySchema.safeParse(value)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const path = issue.path.map(String).join('.')
      if (issue.code === 'unrecognized_keys') {
        const known = knownKeys(issue.path)
        for (const key of issue.keys) {
          const place = locate(issue.path, key)
          const hint = suggestion(key, known)
          const full = path === '' ? key : `${path}.${key}`
          problems.push({
            ...place,
            path: full,
            message: `there is no such setting${hint === '' ? `; known here: ${known.join(', ')}` : hint}`,
          })
        }
        continue
      }
      const given: unknown = issue.path.reduce<unknown>(
        (node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key],
        value,
      )
      const missing = given === undefined
      let message = issue.message
      if (issue.code === 'invalid_value') {
        const options = issue.values.map(String)
        message = missing
          ? `missing; one of ${options.join(', ')}`
          : `${kindOf(given)} is not one of ${options.join(', ')}${suggestion(String(given), options)}`
      } else if (missing) message = 'missing; it is needed'
      else if (issue.code === 'invalid_type')
        message = `${kindOf(given)} where ${issue.expected === 'record' || issue.expected === 'object' ? 'a mapping' : `a ${issue.expected}`} is needed`
      else if (issue.code === 'too_small') message = `${kindOf(given)} is too small; at least ${String(issue.minimum)}`
      else if (issue.code === 'too_big') message = `${kindOf(given)} is too large; at most ${String(issue.maximum)}`
      else if (issue.code === 'invalid_union') message = `${kindOf(given)} is neither a path nor a list of paths`
      else if (issue.code !== 'custom') message = `${kindOf(given)}: ${message}`
      const parent = missing ? issue.path.slice(0, -1) : issue.path
      problems.push({ ...locate(parent), path, message })
    }
    refuseStudy(file, problems)
  }
  return { study: parsed.data, given: value, file, folder: dirname(resolve(file)), locate: (path) => locate(path) }
}

/** Files that the raw text names and that do not exist: looked for even where the rest does not fit. */
function missingFiles(text: string, file: string): Problem[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', prettyErrors: false })
  const locate = locator(document, lines)
  if (document.errors.length > 0) return []
  const { cohorts, reference } = (document.toJS() ?? {}) as { cohorts?: unknown; reference?: unknown }
  const problems: Problem[] = []
  const missing = (at: string[], path: string) =>
    problems.push({ ...locate(at), path: at.join('.'), message: `${path}: there is no such file; check the path` })
  if (typeof reference === 'string') {
    const path = resolve(dirname(resolve(file)), reference)
    if (!existsSync(path)) missing(['reference'], path)
  }
  if (typeof cohorts !== 'object' || cohorts === null) return problems
  for (const [name, cohort] of Object.entries(cohorts) as [
    string,
    Record<string, Record<string, unknown> | undefined> | null,
  ][]) {
    const places: [string, string][] = [
      ['clinical', 'path'],
      ...genotypeFormats.map((format): [string, string] => ['genotypes', format]),
      ['genotypes', 'sample'],
    ]
    for (const [part, key] of places) {
      const given = cohort?.[part]?.[key]
      if (typeof given !== 'string') continue
      const path = resolve(dirname(resolve(file)), given)
      if (existsSync(path) || ((key === 'bed' || key === 'pgen') && existsSync(`${path}.${key}`))) continue
      missing(['cohorts', name, part, key], path)
    }
  }
  return problems
}

export async function loadStudy(file: string): Promise<LoadedStudy> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    if (error instanceof TypeError)
      throw new UpturnError('StudyInvalid', 'the study file is not UTF-8 text; save it as UTF-8', {
        place: { file },
        cause: error,
      })
    throw fileError(error, file)
  }
  try {
    return parseStudy(text, file)
  } catch (error) {
    if (!isUpturnError(error, 'StudyInvalid')) throw error
    return refuseStudy(file, [...(error.details.problems as Problem[]), ...missingFiles(text, file)])
  }
}
