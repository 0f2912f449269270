import { join } from 'node:path'
import { testRegions } from '../association/index.ts'
import type { Workshop } from '../compute/index.ts'
import { UpturnError } from '../errors/index.ts'
import { writeWhole } from '../host/node/files.ts'
import type { RegionResult } from '../results/regions.ts'
import type { GeneTestOptions } from '../statistics/gene-tests/index.ts'
import { askedRegions, type RegionsAsked } from './region-list.ts'
import { type TableDesignNotes, type TableDesignOptions, withTableDesign } from './table-design.ts'

export interface GeneTestFilesOptions extends TableDesignOptions, GeneTestOptions {
  asked: RegionsAsked
  callRate: number
}

export interface GeneTestFilesResult extends TableDesignNotes {
  regions: RegionResult[]
  /** alpha over the regions that had a variant to test. */
  threshold: number | null
}

const columns = [
  'name',
  'chromosome',
  'start',
  'end',
  'status',
  'variants',
  'caseCarriers',
  'controlCarriers',
  'caseAlleles',
  'controlAlleles',
  'method',
  'sets',
  'direction',
] as const
const tests = ['burden', 'skat', 'skat_o', 'acat'] as const
const values = ['p', 'midp', 'low', 'high', 'minAttainableP', 'asymptoticP'] as const
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** One line a region: counts, then p, mid-p, limits, smallest attainable and asymptotic p of each test. */
function tsv(regions: readonly RegionResult[]): string {
  const header = [...columns.map(snake), ...tests.flatMap((test) => values.map((value) => `${test}_${snake(value)}`))]
  const lines = regions.map((region) =>
    [
      ...columns.map((column) => region[column]),
      ...tests.flatMap((test) => {
        const found = region.tests.find((t) => t.test === test)
        return values.map((value) => found?.[value] ?? '')
      }),
    ].join('\t'),
  )
  return `${[header.join('\t'), ...lines].join('\n')}\n`
}

/** Gene tests without a study file: `gene-tests.tsv` and `gene-tests.json` in `out`. */
export async function geneTestFiles(options: GeneTestFilesOptions, workshop: Workshop): Promise<GeneTestFilesResult> {
  const { host, signal, progress } = workshop
  const { asked } = options
  const list = await askedRegions(asked, options.build, host, signal)
  if (list.length === 0)
    throw new UpturnError(
      'BadArgument',
      'name what to test: --genes SOD1,FUS, --in chr21:31659666-31668931 or --bed FILE',
    )
  const { result: regions, ...known } = await withTableDesign(options, workshop, ({ design, labels, store }) =>
    testRegions(list, store, design, labels, options, { signal, progress }),
  )
  const count = regions.filter((region) => region.variants > 0).length
  const found = { regions, threshold: count === 0 ? null : options.alpha / count, ...known }
  await writeWhole(join(options.out, 'gene-tests.tsv'), tsv(regions))
  await writeWhole(join(options.out, 'gene-tests.json'), `${JSON.stringify(found, null, 1)}\n`)
  return found
}
