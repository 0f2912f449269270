import { type AlsfrsItem, alsfrsItems, type Visit } from '../../results/clinical.ts'
import type { FindingLog, Place } from './findings.ts'

/** One row of a visit table as it was read: items 0 to 4 or null, recorded totals, the place. */
export interface VisitRow {
  patient: string
  day: number
  items: Record<AlsfrsItem, number | null>
  /** Recorded totals. `declared` is the scale where the source names it. */
  totalRevised: number | null
  totalOriginal: number | null
  declared: Visit['scale'] | null
  place: Place
}

const shared = ['q1', 'q2', 'q3', 'q4', 'q6', 'q7', 'q8', 'q9'] as const
const respiratory = ['r1', 'r2', 'r3'] as const

/**
 * Makes a visit of a row: decides the scale, settles 5a against 5b, holds the total against the items. Null when the
 * row cannot be used; the log says why.
 */
export function visitOfRow(row: VisitRow, log: FindingLog): Visit | null {
  const items = { ...row.items }
  const scale = scaleOf(row, log)
  if (scale === null) return null
  // What belongs to the other scale is not carried along.
  if (scale === 'ALSFRS-R') items.q10 = null
  else for (const item of respiratory) items[item] = null
  const recorded = scale === 'ALSFRS-R' ? row.totalRevised : row.totalOriginal
  const needed = scale === 'ALSFRS-R' ? [...shared, ...respiratory] : [...shared, 'q10' as const]
  const present = needed.filter((item) => items[item] !== null)
  let sum = 0
  for (const item of present) sum += items[item] ?? 0
  const absent = needed.length - present.length
  let total: number | null
  const { q5a, q5b } = items
  if (q5a !== null && q5b !== null && q5a !== q5b) {
    const withA = absent === 0 && recorded === sum + q5a
    const withB = absent === 0 && recorded === sum + q5b
    if (withA || withB) {
      log.add('both_5a_5b_settled', row.place, { was: `5a ${q5a}, 5b ${q5b}`, now: withA ? `5a ${q5a}` : `5b ${q5b}` })
      if (withA) items.q5b = null
      else items.q5a = null
      total = recorded
    } else {
      log.add('both_5a_5b', row.place, { was: `5a ${q5a}, 5b ${q5b}, total ${recorded ?? 'missing'}` })
      items.q5a = null
      items.q5b = null
      total = null
    }
    return build(row, scale, total, items)
  }
  if (q5a !== null && q5b !== null) log.add('both_5a_5b_equal', row.place, { was: `5a ${q5a}, 5b ${q5b}`, now: q5a })
  const cutting = q5a ?? q5b
  const missingItems = absent + (cutting === null ? 1 : 0)
  const least = sum + (cutting ?? 0)
  if (missingItems === 0) {
    if (recorded !== null && recorded !== least) log.add('total_not_sum', row.place, { was: recorded, now: least })
    total = least
  } else if (recorded === null) total = null
  else if (recorded < least || recorded > least + 4 * missingItems) {
    log.add('total_impossible', row.place, { was: recorded })
    total = null
  } else {
    log.add('total_unverified', row.place, { was: recorded, now: recorded })
    total = recorded
  }
  return build(row, scale, total, items)
}

function scaleOf(row: VisitRow, log: FindingLog): Visit['scale'] | null {
  const { items } = row
  const anyItem = alsfrsItems.some((item) => items[item] !== null)
  if (!anyItem && row.totalRevised === null && row.totalOriginal === null) {
    log.add('visit_empty', row.place)
    return null
  }
  const revised = respiratory.some((item) => items[item] !== null) || row.totalRevised !== null
  const original = items.q10 !== null || (row.totalOriginal !== null && row.totalRevised === null)
  if (row.declared !== null) {
    if (row.declared === 'ALSFRS' ? revised : original) log.add('both_scales', row.place)
    return row.declared
  }
  if (revised && original) log.add('both_scales', row.place)
  if (revised) return 'ALSFRS-R'
  if (original) return 'ALSFRS'
  log.add('scale_unknown', row.place)
  return null
}

function build(row: VisitRow, scale: Visit['scale'], total: number | null, items: VisitRow['items']): Visit {
  return { patient: row.patient, day: row.day, scale, total, ...items }
}

/** A visit and where it was read. */
export interface PlacedVisit {
  visit: Visit
  place: Place
}

/**
 * One visit a person and day, sorted by person and day. Repeated rows count once, rows that complete each other are
 * joined, contradicting rows are all refused; of two scales on one day ALSFRS-R is kept.
 */
export function settleDuplicates(placed: readonly PlacedVisit[], log: FindingLog): Visit[] {
  const byPatient = new Map<string, PlacedVisit[]>()
  for (const one of placed) {
    const list = byPatient.get(one.visit.patient)
    if (list === undefined) byPatient.set(one.visit.patient, [one])
    else list.push(one)
  }
  const result: Visit[] = []
  for (const patient of [...byPatient.keys()].sort()) {
    // Array.sort is stable, so rows of one day stay in the order of the file.
    const list = (byPatient.get(patient) ?? []).sort((a, b) => a.visit.day - b.visit.day)
    for (let start = 0; start < list.length; ) {
      let end = start + 1
      while (end < list.length && list[end].visit.day === list[start].visit.day) end++
      const visit = end - start === 1 ? list[start].visit : settleDay(list.slice(start, end), log)
      if (visit !== null) result.push(visit)
      start = end
    }
  }
  return result
}

function settleDay(rows: readonly PlacedVisit[], log: FindingLog): Visit | null {
  const revised = rows.filter((row) => row.visit.scale === 'ALSFRS-R')
  if (revised.length > 0 && revised.length < rows.length)
    for (const row of rows) if (row.visit.scale === 'ALSFRS') log.add('both_scales', row.place)
  const kept = revised.length > 0 ? revised : rows
  let visit = kept[0].visit
  for (const { visit: other, place } of kept.slice(1)) {
    const fields = ['total', ...alsfrsItems] as const
    if (fields.every((field) => visit[field] === other[field])) {
      log.add('duplicate_exact', place, { was: `as line ${kept[0].place.line}` })
      continue
    }
    if (fields.some((field) => visit[field] !== null && other[field] !== null && visit[field] !== other[field])) {
      const disputed = fields.filter((field) => kept.some((row) => row.visit[field] !== kept[0].visit[field]))
      for (const row of kept)
        log.add('duplicate_conflict', row.place, {
          was: disputed.map((field) => `${field} ${row.visit[field] ?? 'missing'}`).join(', '),
        })
      return null
    }
    log.add('duplicate_merged', place, { now: `joined with line ${kept[0].place.line}` })
    const merged = { ...visit }
    for (const field of fields) merged[field] = visit[field] ?? other[field]
    const row: VisitRow = {
      patient: merged.patient,
      day: merged.day,
      items: merged,
      totalRevised: merged.scale === 'ALSFRS-R' ? merged.total : null,
      totalOriginal: merged.scale === 'ALSFRS' ? merged.total : null,
      declared: merged.scale,
      place,
    }
    const joined = visitOfRow({ ...row, items: itemsOf(merged) }, log)
    if (joined === null) return null
    visit = joined
  }
  return visit
}

function itemsOf(visit: Visit): VisitRow['items'] {
  return Object.fromEntries(alsfrsItems.map((item) => [item, visit[item]])) as VisitRow['items']
}
