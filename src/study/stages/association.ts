import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { associate, compareSources, type DesignInput, type MeasuredPerson } from '../../association/index.ts'
import { fileError, writeWhole } from '../../host/node/files.ts'
import {
  type Patient,
  patientsTable,
  type SampleQuality,
  samplesTable,
  ssfHeader,
  ssfMetadata,
} from '../../results/index.ts'
import { type AssociationsFiles, openAssociations } from '../association-files.ts'
import { buildOf, dnaSources } from '../cohorts.ts'
import { designParameters, designReads, studyDesign } from '../design.ts'
import { partialVariants } from '../import-cohorts.ts'
import type { StudyPeople } from '../people.ts'
import { readRows } from '../rows.ts'
import type { Stage, StageContext } from '../stage.ts'
import { upturnVersion } from '../version.ts'

const ssfName = 'associations.ssf.tsv.gz'
/** X variants with men coded 0/1. */
const otherCodings = 'associations.x'

/** A gzip file that lines are pushed to; its MD5 when it is finished. */
function gzipLines(path: string): { push(text: string | Uint8Array): Promise<void>; finish(): Promise<string> } {
  const gzip = createGzip({ level: 6 })
  const md5 = createHash('md5')
  const done = pipeline(
    gzip,
    async function* (source: AsyncIterable<Buffer>) {
      for await (const bytes of source) {
        md5.update(bytes)
        yield bytes
      }
    },
    createWriteStream(path),
  ).catch((error: unknown) => {
    throw fileError(error, path)
  })
  // Seen by `finish`, or by a push that can no longer drain.
  done.catch(() => undefined)
  return {
    async push(text) {
      if (!gzip.write(text)) await Promise.race([new Promise((resolve) => gzip.once('drain', resolve)), done])
    },
    async finish() {
      gzip.end()
      await done
      return md5.digest('hex')
    },
  }
}

/** Label sets of a comparison of sources: its threshold is a family-wise 5%. */
const sourceLabelSets = 400

/** Everybody with genotypes and a known source of DNA, with the measures of the sample. */
async function measuredPeople(context: StageContext): Promise<MeasuredPerson[]> {
  const { host } = context.workshop
  const patients = await readRows<Patient>(host, context.from('visits', 'patients.parquet'), patientsTable)
  const quality = await readRows<SampleQuality>(host, context.from('quality', 'samples.parquet'), samplesTable)
  const sample = new Map(quality.map((row) => [row.sample, row]))
  const sources = dnaSources(patients)
  return patients.flatMap((patient, i) => {
    const row = sample.get(patient.sample ?? patient.patient)
    const source = sources[i]
    if (row === undefined || source === null) return []
    return [
      {
        source,
        values: {
          'call rate': row.call_rate,
          'heterozygosity F': row.heterozygosity_f,
          'transitions to transversions': row.ti_tv,
          depth: row.depth,
        },
      },
    ]
  })
}

/** The design as it is without matched sets, all covariates in: controls of different sources share none. */
function withoutSets({ matched, ...input }: DesignInput): DesignInput {
  if (matched === undefined) return input
  return {
    ...input,
    people: input.people.map((person) => ({ ...person, stratum: undefined })),
    covariates: [...input.covariates, ...matched.matchedOn],
  }
}

/** The bits of variants that some cohort lacks; null where the genotypes stage wrote none. */
async function readPartial(path: string): Promise<Uint8Array | null> {
  return existsSync(path) ? new Uint8Array(await readFile(path)) : null
}

export const association: Stage = {
  name: 'association',
  version: 8,
  reads: ['visits', 'calls', 'genotypes', 'quality', 'ancestry', 'calibration', 'matching'],
  readsOf: designReads('visits', 'calls', 'genotypes', 'quality', 'ancestry', 'calibration'),
  publish: [
    'associations.parquet',
    `${otherCodings}.parquet`,
    'association.json',
    'sources.json',
    ssfName,
    `${ssfName}-meta.yaml`,
  ],
  parameters: (study) => ({
    ...designParameters(study),
    covariates: study.covariates,
    primary: study.primary,
    permutations: study.permutations,
    firth: study.firth,
    callRate: study.quality.variant_call_rate,
  }),
  inputs: async () => [],
  async run(context) {
    const { study } = context
    const { design, labels, input, people, store, keep } = await studyDesign(context)
    const sources = await compareSources(
      withoutSets(input),
      await measuredPeople(context),
      { store, keep, labelSets: sourceLabelSets },
      context.workshop,
    )
    await context.json('sources.json', sources.summary)
    const { host } = context.workshop
    const table = await openAssociations(host, context.file('associations'), 'parquet')
    let onX: AssociationsFiles | undefined
    const ssf = gzipLines(context.file(ssfName))
    await ssf.push(ssfHeader())
    try {
      const summary = await associate(
        design,
        labels,
        {
          store,
          keep,
          firth: study.firth === 'screened' ? 'screened' : 'every',
          callRate: study.quality.variant_call_rate,
          sourcesDiffer: sources.differing,
          ssf: true,
          partial: await readPartial(context.from('genotypes', partialVariants)),
          async onOtherCodings(rows) {
            onX ??= await openAssociations(host, context.file(otherCodings), 'parquet')
            await onX.append(rows)
          },
        },
        context.workshop,
        async (rows) => {
          await table.append(rows)
          if (rows.ssf !== null) await ssf.push(rows.ssf)
        },
      )
      context.workshop.progress('writing', 0.99)
      await table.commit()
      await onX?.commit()
      const md5 = await ssf.finish()
      await writeWhole(
        context.file(`${ssfName}-meta.yaml`),
        ssfMetadata({
          study: study.name,
          build: buildOf(context.loaded),
          cases: summary.cases,
          controls: summary.controls,
          covariates: summary.covariates,
          matched: summary.matched,
          variants: summary.variantsTested,
          version: upturnVersion(),
          fileName: ssfName,
          md5,
        }),
      )
      await context.json('association.json', summary, ['skipped'])
      const taking: StudyPeople = {
        cases: people.samples.filter((_, i) => people.isCase[i]),
        controls: people.samples.filter((_, i) => !people.isCase[i]),
        left: people.left,
      }
      await context.json('people.json', taking)
    } catch (error) {
      await table.discard()
      await onX?.discard()
      await ssf.finish().catch(() => undefined)
      throw error
    }
  },
}
