import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AssociationSummary } from '../results/association.ts'
import type { Calibration } from '../results/calibration.ts'
import type { CallsSummary } from '../results/clinical.ts'
import type { Loci } from '../results/loci.ts'
import type { Manifest } from '../results/manifest.ts'
import { notice } from './run.ts'
import type { StageName } from './stage.ts'

/** Reads a document of the current results, undefined when its stage was not run. */
export async function currentDocument<T>(out: string, manifest: Manifest, name: string): Promise<T | undefined> {
  const stage = manifest.stages.find((record) => record.files.includes(name))
  if (stage === undefined) return undefined
  return JSON.parse(await readFile(join(out, '.stages', stage.folder, name), 'utf8')) as T
}

/** What a person wants to read after a run, and the same as plain values. */
export async function summarise(
  out: string,
  manifest: Manifest,
  stage?: StageName,
): Promise<{ text: string; facts: Record<string, unknown> }> {
  const calls = await currentDocument<CallsSummary>(out, manifest, 'calls.json')
  const association = await currentDocument<AssociationSummary>(out, manifest, 'association.json')
  const calibration = await currentDocument<Calibration>(out, manifest, 'calibration.json')
  const loci = await currentDocument<Loci>(out, manifest, 'loci.json')
  const lines: string[] = ['']
  if (calls !== undefined)
    lines.push(
      `${calls.cases} cases and ${calls.controls} controls by ${calls.definition}, before quality control of genotypes; ${calls.uncertainCases} of the cases are uncertain.`,
    )
  if (calibration !== undefined) {
    lines.push(calibration.sentence)
    if (calibration.recommendation !== undefined) lines.push(calibration.recommendation.sentence)
  }
  if (association !== undefined)
    lines.push(
      ...(association.sourceSentence === null ? [] : [association.sourceSentence]),
      association.primary.sentence,
    )
  const locus = loci?.loci[0]
  if (locus !== undefined) lines.push(locus.sentence)
  const report = manifest.stages.some((record) => record.stage === 'report')
  lines.push(
    '',
    report ? `Report: ${join(out, 'report.html')}` : `Results: ${out}${stage === undefined ? '' : ` (up to ${stage})`}`,
    notice,
  )
  return {
    text: lines.join('\n'),
    facts: {
      cases: calls?.cases,
      controls: calls?.controls,
      primary: association?.primary,
      lead:
        locus === undefined
          ? undefined
          : {
              lead: locus.lead,
              p: locus.p,
              or: locus.or,
              low: locus.orLow,
              high: locus.orHigh,
              genes: locus.genes.map((gene) => gene.symbol),
            },
      stages: manifest.stages.map((record) => ({
        stage: record.stage,
        digest: record.digest,
        seconds: record.seconds,
        cached: record.cached,
        chunks: record.chunks,
        chunksReused: record.chunksReused,
      })),
    },
  }
}
