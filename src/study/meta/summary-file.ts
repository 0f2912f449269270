import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { openTable } from '../../clinical/index.ts'
import { UpturnError } from '../../errors/index.ts'
import type { Cell, Host } from '../../host/host.ts'
import { withPath } from '../../host/node/files.ts'
import { log } from '../../numerics/special.ts'
import { associationsTable } from '../../results/association.ts'
import type { GenotypeTable } from '../../statistics/exact/index.ts'

/** One variant of one study's results. */
export interface SummaryRow {
  chromosome: string
  position: number
  ref: string
  alt: string
  rsid: string
  /** Log odds ratio of alt and its standard error; null where the study could not fit it. */
  effect: { estimate: number; standardError: number } | null
  genotypes: GenotypeTable | null
  cases: number | null
  controls: number | null
}

const chromosomes = new Map(
  [...Array.from({ length: 22 }, (_, i) => String(i + 1)), 'X', 'Y', 'MT'].map((name, i) => [name, i]),
)
const codes: Readonly<Record<string, string>> = { '23': 'X', '24': 'Y', '25': 'MT', '26': 'MT', M: 'MT', XY: 'X' }

/** Order of a chromosome; refuses names that no build has. */
export function chromosomeOrder(chromosome: string): number {
  return chromosomes.get(chromosome) ?? -1
}

type Read = (name: string) => string

const number = (text: string): number => (text === '' || /^(#?na|nan|null|\.)$/i.test(text) ? Number.NaN : Number(text))

/** How a row of a text table with these columns is read, by the names of GWAS-SSF or of Upturn's own tables. */
function layoutOf(header: readonly string[], file: string): (read: Read) => SummaryRow {
  const has = (...names: string[]) => names.every((name) => header.includes(name))
  if (has('chromosome', 'base_pair_location', 'effect_allele', 'other_allele', 'standard_error')) {
    if (!has('beta') && !has('odds_ratio'))
      throw new UpturnError('ColumnMissing', 'GWAS-SSF needs a column beta or odds_ratio', { place: { file, line: 1 } })
    return (read) => {
      const estimate = has('beta') && read('beta') !== '' ? number(read('beta')) : log(number(read('odds_ratio')))
      return {
        chromosome: read('chromosome'),
        position: number(read('base_pair_location')),
        ref: read('other_allele'),
        alt: read('effect_allele'),
        rsid: has('rsid') && /^rs\d+$/.test(read('rsid')) ? read('rsid') : '',
        effect: effect(estimate, number(read('standard_error'))),
        genotypes: null,
        cases: null,
        controls: null,
      }
    }
  }
  if (has('chromosome', 'position', 'ref', 'alt', 'or', 'or_se'))
    return (read) =>
      ownRow(
        (name) => (header.includes(name) ? read(name) : ''),
        (name) => number(header.includes(name) ? read(name) : ''),
      )
  throw new UpturnError(
    'ColumnMissing',
    'a study of many variants is GWAS-SSF (chromosome, base_pair_location, effect_allele, other_allele, beta or odds_ratio, standard_error) or Upturn’s associations (chromosome, position, ref, alt, or, or_se)',
    { place: { file, line: 1 } },
  )
}

function effect(estimate: number, standardError: number): SummaryRow['effect'] {
  return Number.isFinite(estimate) && standardError > 0 && Number.isFinite(standardError)
    ? { estimate, standardError }
    : null
}

function ownRow(text: (name: string) => string, value: (name: string) => number): SummaryRow {
  const counts = ['case_ref', 'case_het', 'case_alt', 'control_ref', 'control_het', 'control_alt'].map(value)
  const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = counts
  const whole = (x: number) => (Number.isInteger(x) && x >= 0 ? x : null)
  return {
    chromosome: text('chromosome'),
    position: value('position'),
    ref: text('ref'),
    alt: text('alt'),
    rsid: text('rsid'),
    effect: effect(log(value('or')), value('or_se')),
    genotypes: counts.every((n) => Number.isInteger(n) && n >= 0)
      ? { caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }
      : null,
    cases: whole(value('n_cases')),
    controls: whole(value('n_controls')),
  }
}

/** A row checked and with a plain chromosome name. */
function checked(row: SummaryRow, file: string, line: number | undefined): SummaryRow {
  const plain = row.chromosome.replace(/^chr/i, '')
  const chromosome = codes[plain] ?? plain
  const ref = row.ref.toUpperCase()
  const alt = row.alt.toUpperCase()
  const wrong =
    chromosomeOrder(chromosome) < 0
      ? `chromosome ${row.chromosome}`
      : !(Number.isInteger(row.position) && row.position > 0 && row.position < 2 ** 31)
        ? `position ${row.position}`
        : ref === '' || alt === ''
          ? 'an empty allele'
          : undefined
  if (wrong !== undefined)
    throw new UpturnError('ValueInvalid', `a row has ${wrong}; variants are chromosome, position and two alleles`, {
      place: { file, line },
    })
  return { ...row, chromosome, ref, alt }
}

async function* textRows(path: string, host: Host, signal: AbortSignal): AsyncGenerator<SummaryRow> {
  const folder = /\.gz$/i.test(path) ? await mkdtemp(join(tmpdir(), 'upturn-meta-')) : undefined
  try {
    const plain = folder === undefined ? path : join(folder, 'table.tsv')
    if (folder !== undefined)
      await withPath(path, () => pipeline(createReadStream(path), createGunzip(), createWriteStream(plain), { signal }))
    const source = await host.open(plain)
    try {
      const table = await openTable(source, signal)
      const names = table.header.map((name) => name.toLowerCase())
      const at = new Map(names.map((name, i) => [name, i]))
      const layout = layoutOf(names, path)
      for await (const batch of table.rows)
        for (const { cells, line } of batch)
          yield checked(
            layout((name) => cells[at.get(name) ?? -1].trim()),
            path,
            line,
          )
    } finally {
      await source.close()
    }
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function* parquetRows(path: string, host: Host): AsyncGenerator<SummaryRow> {
  for await (const batch of host.tables.read(path, associationsTable)) {
    const cell = (name: string, i: number): Cell => batch[name][i]
    for (let i = 0; i < batch.position.length; i++)
      yield checked(
        ownRow(
          (name) => String(cell(name, i) ?? ''),
          (name) => Number(cell(name, i) ?? Number.NaN),
        ),
        path,
        undefined,
      )
  }
}

/** Variants of one position, as one study has them. */
export interface StudySite {
  order: number
  position: number
  rows: SummaryRow[]
}

/**
 * A study's results position by position, of a Parquet table of Upturn's own, or text (plain or gzip) in GWAS-SSF or with Upturn's columns.
 * Refuses rows that are not in order of chromosome (1 to 22, X, Y, MT) and position, and a variant that stands twice.
 */
export async function* studySites(path: string, host: Host, signal: AbortSignal): AsyncGenerator<StudySite> {
  let site: StudySite | undefined
  for await (const row of /\.parquet$/i.test(path) ? parquetRows(path, host) : textRows(path, host, signal)) {
    const order = chromosomeOrder(row.chromosome)
    if (site !== undefined && site.order === order && site.position === row.position) {
      if (site.rows.some((other) => other.ref === row.ref && other.alt === row.alt))
        throw new UpturnError(
          'ValueInvalid',
          `${row.chromosome}:${row.position}:${row.ref}:${row.alt} stands twice; keep one row a variant`,
          { place: { file: path } },
        )
      site.rows.push(row)
      continue
    }
    if (site !== undefined) {
      if (site.order > order || (site.order === order && site.position > row.position))
        throw new UpturnError(
          'ValueInvalid',
          `${row.chromosome}:${row.position} comes after a later position; sort the rows by chromosome (1 to 22, X, Y, MT) and position`,
          { place: { file: path } },
        )
      yield site
    }
    site = { order, position: row.position, rows: [row] }
  }
  if (site !== undefined) yield site
}
