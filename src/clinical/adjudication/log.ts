import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { type Adjudication, type AdjudicationDraft, adjudicationSchema, draftSchema } from './record.ts'

type Digest = Pick<Host, 'sha256'>

/** Everything of a line but its own digest, always in the same order. */
function body(entry: Omit<Adjudication, 'sha256'>): string {
  const { patient, definition, verdict, reason, who, when, evidence, call, previous } = entry
  return JSON.stringify({
    patient,
    definition,
    verdict,
    reason,
    who,
    when,
    evidence: {
      diagnosis: evidence.diagnosis,
      progression: evidence.progression,
      recovery: evidence.recovery,
      mimics: evidence.mimics,
    },
    call: { verdict: call.verdict, start_day: call.start_day, end_day: call.end_day, value: call.value },
    previous,
  })
}

function digestOf(text: string, host: Digest): string {
  const hash = host.sha256()
  hash.update(new TextEncoder().encode(text))
  return hash.hex()
}

/** The next line of the file, newline included. Refuses (`BadArgument`) what lacks a reason, a name or an answer. */
export function adjudicationLine(
  draft: AdjudicationDraft,
  when: Date,
  before: readonly Adjudication[],
  host: Digest,
): string {
  const parsed = draftSchema.safeParse(draft)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]
    throw new UpturnError('BadArgument', `the adjudication's ${path.join('.')} does not do: ${message}`)
  }
  // "dr a" beside "Dr A" would be a second rater, who agrees with himself.
  const plain = (name: string) =>
    name
      .toLowerCase()
      .replace(/[\s.]+/g, ' ')
      .trim()
  const other = before.find(({ who }) => who !== parsed.data.who && plain(who) === plain(parsed.data.who))
  if (other !== undefined)
    throw new UpturnError('BadArgument', `the file knows this rater as '${other.who}'; write the name the same way`)
  const entry = { ...parsed.data, when: when.toISOString(), previous: before.at(-1)?.sha256 ?? '' }
  const text = body(entry)
  return `${text.slice(0, -1)},"sha256":"${digestOf(text, host)}"}\n`
}

/**
 * Reads adjudications.jsonl. Every line carries the digest of its own content and that of the line before, so a line that was edited, taken out, put in or moved is
 * refused (`FileDamaged`) with file and line, as is one that is cut. Lines taken from the end cannot be told; the study's manifest holds the digest of the whole file.
 */
export function readAdjudications(text: string, file: string, host: Digest): Adjudication[] {
  const found: Adjudication[] = []
  if (text === '') return found
  const lines = text.split('\n')
  const refuse = (line: number, why: string): never => {
    throw new UpturnError('FileDamaged', `${why}; the file is only ever added to, so take it back from a copy`, {
      place: { file, line },
    })
  }
  const last = lines.pop()
  if (last !== '') refuse(lines.length + 1, 'the last line has no end: it was cut while it was written')
  for (const [i, line] of lines.entries()) {
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      refuse(i + 1, 'this line is not JSON')
    }
    const parsed = adjudicationSchema.safeParse(value)
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]
      return refuse(i + 1, `this line is no adjudication: ${path.join('.') || 'the line'}: ${message}`)
    }
    const entry = parsed.data
    if (entry.previous !== (found.at(-1)?.sha256 ?? ''))
      refuse(i + 1, 'this line does not follow the one before it: a line was taken out, put in or moved')
    const own = body(entry)
    if (entry.sha256 !== digestOf(own, host) || line !== `${own.slice(0, -1)},"sha256":"${entry.sha256}"}`)
      refuse(i + 1, 'this line was changed after it was written')
    found.push(entry)
  }
  return found
}
