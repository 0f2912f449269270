import { effectFromLimits, type StudyData, type VariantName } from '../../association/index.ts'
import { openTable } from '../../clinical/index.ts'
import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { log } from '../../numerics/special.ts'

/** The studies of one variant, or of the one question that a table without variants asks. */
export interface TableQuestion extends VariantName {
  studies: (StudyData & { caseGroup?: string })[]
}

const genotypeColumns = ['case_ref', 'case_het', 'case_alt', 'control_ref', 'control_het', 'control_alt'] as const
const tableColumns = ['case_with', 'case_without', 'control_with', 'control_without'] as const
const mostStudies = 1000
const mostPeople = 1_000_000

/**
 * Reads a table with one row a study (and variant): columns `study`, optionally `variant`, `rsid`, `effect_allele`, `case_group` (who the cases are: two
 * rows with the same are the same people), and an effect (`estimate` and `se` of the log odds ratio; `or` with `se` of its logarithm, or with 95%
 * `low` and `high`), counts (`case_with` .. or `case_ref` ..), or both. Refuses a table without any, a study twice in a variant, limits out of order.
 */
export async function readStudyTable(path: string, host: Host, signal: AbortSignal): Promise<TableQuestion[]> {
  const source = await host.open(path)
  try {
    const table = await openTable(source, signal)
    const names = table.header.map((name) => name.toLowerCase())
    const has = (...columns: readonly string[]) => columns.every((name) => names.includes(name))
    const place = (line: number, column?: string) => ({
      file: path,
      line,
      ...(column === undefined ? {} : { column: names.indexOf(column) + 1 }),
    })
    if (!has('study'))
      throw new UpturnError('ColumnMissing', 'there is no column study, which names each row’s study', {
        place: place(1),
      })
    const form = has('estimate', 'se')
      ? 'estimate'
      : has('or', 'se')
        ? 'or se'
        : has('or', 'low', 'high')
          ? 'or limits'
          : null
    const genotypes = has(...genotypeColumns)
    const counts = has(...tableColumns)
    if (form === null && !genotypes && !counts)
      throw new UpturnError(
        'ColumnMissing',
        `a study needs an effect (estimate and se, or and se, or or with low and high) or counts (${tableColumns.join(', ')}, or ${genotypeColumns.join(', ')}); the table has ${table.header.join(', ')}`,
        { place: place(1) },
      )
    const questions = new Map<string, TableQuestion>()
    for await (const batch of table.rows)
      for (const { line, cells } of batch) {
        const text = (name: string): string => (has(name) ? cells[names.indexOf(name)].trim() : '')
        const number = (name: string): number | null => {
          const cell = text(name)
          if (cell === '' || /^(#?na|nan|\.)$/i.test(cell)) return null
          const value = Number(cell)
          if (!Number.isFinite(value))
            throw new UpturnError('ValueInvalid', `${name} is ${cell}, which is no number`, {
              place: place(line, name),
            })
          return value
        }
        const count = (name: string): number | null => {
          const value = number(name)
          if (value !== null && !(Number.isInteger(value) && value >= 0 && value <= mostPeople))
            throw new UpturnError(
              'ValueInvalid',
              `${name} is ${value}; a count is a whole number from 0 to ${mostPeople}`,
              { place: place(line, name) },
            )
          return value
        }
        const all = (columns: readonly string[]): number[] | null => {
          const values = columns.map(count)
          const given = values.filter((v) => v !== null)
          if (given.length > 0 && given.length < values.length)
            throw new UpturnError('ValueInvalid', `of ${columns.join(', ')} some are missing: give all or none`, {
              place: place(line),
            })
          return given.length === 0 ? null : given
        }
        const study = text('study')
        if (study === '')
          throw new UpturnError('ValueInvalid', 'the study has no name', { place: place(line, 'study') })
        const g = genotypes ? all(genotypeColumns) : null
        const t = counts ? all(tableColumns) : null
        const positive = (name: string): number | null => {
          const value = number(name)
          if (value !== null && !(value > 0))
            throw new UpturnError('ValueInvalid', `${name} is ${value}; it must be above 0`, {
              place: place(line, name),
            })
          return value
        }
        const effect = (): StudyData['effect'] => {
          if (form === null) return null
          const estimate = form === 'estimate' ? number('estimate') : positive('or')
          if (form !== 'or limits') {
            const se = positive('se')
            if (estimate === null || se === null) return null
            return { estimate: form === 'estimate' ? estimate : log(estimate), standardError: se }
          }
          const [low, high] = [positive('low'), positive('high')]
          if (estimate === null || low === null || high === null) return null
          if (!(low < estimate && estimate < high))
            throw new UpturnError(
              'ValueInvalid',
              `the odds ratio ${estimate} does not lie between ${low} and ${high}`,
              {
                place: place(line, 'or'),
              },
            )
          return effectFromLimits(estimate, low, high)
        }
        const variant = text('variant')
        const question = questions.get(variant) ?? {
          variant,
          rsid: text('rsid'),
          effectAllele: text('effect_allele'),
          studies: [],
        }
        questions.set(variant, question)
        if (text('effect_allele') !== question.effectAllele)
          throw new UpturnError(
            'ValueInvalid',
            `the effect allele of ${variant || 'this study'} is ${text('effect_allele')} where a row before has ${question.effectAllele}; turn the effect round`,
            { place: place(line, 'effect_allele') },
          )
        if (question.studies.some((other) => other.study === study))
          throw new UpturnError(
            'ValueInvalid',
            `${study} stands twice${variant === '' ? '; several variants need a column variant' : ` for ${variant}`}`,
            { place: place(line, 'study') },
          )
        if (question.studies.length === mostStudies)
          throw new UpturnError('ValueInvalid', `more than ${mostStudies} studies of one variant`, {
            place: place(line, 'study'),
          })
        question.studies.push({
          study,
          caseGroup: text('case_group'),
          effect: effect(),
          genotypes: g && {
            caseRef: g[0],
            caseHet: g[1],
            caseAlt: g[2],
            controlRef: g[3],
            controlHet: g[4],
            controlAlt: g[5],
          },
          table: t && { caseWith: t[0], caseWithout: t[1], controlWith: t[2], controlWithout: t[3] },
          cases: g ? g[0] + g[1] + g[2] : t && t[0] + t[1],
          controls: g ? g[3] + g[4] + g[5] : t && t[2] + t[3],
        })
      }
    if (questions.size === 0) throw new UpturnError('ValueInvalid', 'the table has no study', { place: place(2) })
    return [...questions.values()]
  } finally {
    await source.close()
  }
}
