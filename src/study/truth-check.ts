import { readFile } from 'node:fs/promises'
import { nodeHost } from '../host/node/index.ts'
import type { AssociationSummary } from '../results/association.ts'
import { type GroupRow, groupsTable } from '../results/clinical.ts'
import type { Loci } from '../results/loci.ts'
import type { Manifest } from '../results/manifest.ts'
import type { Truth } from '../simulation/index.ts'
import { readRows } from './rows.ts'
import { currentDocument } from './summary.ts'

/** What a study of a simulated cohort found of what had been planted. */
export interface TruthCheck {
  /** Null in a cohort without effect. */
  planted: { key: string; gene: string; oddsRatio: number } | null
  /** r2 of the best locus' lead with the planted variant; 1 when it is the lead itself, null when it is nowhere near. */
  leadR2: number | null
  /** 1-based place among the loci; null when no locus holds it. */
  locusRank: number | null
  found: boolean
  significant: boolean
  /** The lead's limits hold the planted odds ratio. */
  covered: boolean | null
  reversals: { planted: number; called: number; confident: number }
  pseudoReversals: { planted: number; called: number; confident: number }
  sentences: string[]
}

/** r2 from which a variant stands for another. */
const tagging = 0.8

const shown = (value: number | null): string => (value === null ? 'unbounded' : value.toFixed(1))

/** Compares the current results of a study with the truth of its cohort. */
export async function checkAgainstTruth(truthFile: string, out: string, manifest: Manifest): Promise<TruthCheck> {
  const truth = JSON.parse(await readFile(truthFile, 'utf8')) as Truth
  const loci = (await currentDocument<Loci>(out, manifest, 'loci.json'))?.loci ?? []
  const association = await currentDocument<AssociationSummary>(out, manifest, 'association.json')
  const calls = manifest.stages.find((stage) => stage.stage === 'calls')
  const groups =
    calls === undefined
      ? []
      : await readRows<GroupRow>(nodeHost(), `${out}/.stages/${calls.folder}/groups.parquet`, groupsTable)
  const byPatient = new Map(groups.map((row) => [row.patient, row]))

  const causal = truth.causal
  const r2In = (index: number): number | null => {
    const locus = loci[index]
    if (locus === undefined || causal === null) return null
    if (locus.lead === causal.key) return 1
    const [chromosome, position, ref, alt] = causal.key.split(':')
    const variant = locus.region.variants.find(
      (v) => locus.chromosome === chromosome && v.position === Number(position) && v.ref === ref && v.alt === alt,
    )
    return locus.members.find((member) => member.key === causal.key)?.r2 ?? variant?.r2 ?? null
  }
  const rank = loci.findIndex((_, index) => (r2In(index) ?? 0) >= tagging)
  const leadR2 = r2In(0)
  const planted = causal?.effect ? { key: causal.key, gene: causal.gene, oddsRatio: truth.model.oddsRatio } : null
  const found = planted !== null && (leadR2 ?? 0) >= tagging
  const significant = association?.primary.significant ?? false
  const lead = loci[0]
  const covered =
    found && lead !== undefined
      ? (lead.orLow ?? 0) <= planted.oddsRatio && planted.oddsRatio <= (lead.orHigh ?? Infinity)
      : null

  const count = (kind: string) => {
    const people = truth.people.filter((person) => person.class === kind)
    const called = people.filter((person) => byPatient.get(person.patient)?.case === 1)
    return {
      planted: people.length,
      called: called.length,
      confident: called.filter((person) => byPatient.get(person.patient)?.certainty === 'confident').length,
    }
  }
  const reversals = count('reversal')
  const pseudoReversals = count('pseudo-reversal')

  const sentences: string[] = []
  if (planted === null)
    sentences.push(
      `Nothing was planted; the study says ${significant ? 'significant, which is a false alarm' : 'not significant, as it should'}.`,
    )
  else {
    sentences.push(
      `Planted: ${planted.key} in ${planted.gene}, odds ratio ${planted.oddsRatio.toFixed(1)} for each copy.`,
    )
    if (found && lead !== undefined)
      sentences.push(
        `Found: the lead ${lead.lead === planted.key ? 'is the planted variant' : `stands for it (r² ${(leadR2 ?? 0).toFixed(2)})`}, odds ratio ${shown(lead.or)} (95% ${shown(lead.orLow)} to ${shown(lead.orHigh)}), ${significant ? 'significant by the frozen primary test' : 'not significant by the frozen primary test'}.`,
      )
    else
      sentences.push(
        rank >= 0
          ? `Not found as the lead: the planted variant is in locus ${rank + 1}.`
          : 'Not found: no locus holds the planted variant.',
      )
  }
  sentences.push(
    `Reversals: ${reversals.called} of ${reversals.planted} were called, ${reversals.confident} of them confidently.`,
    `Pseudo-reversals made of noise: ${pseudoReversals.called} of ${pseudoReversals.planted} were called, ${pseudoReversals.called - pseudoReversals.confident} of these labelled uncertain.`,
  )
  return {
    planted,
    leadR2,
    locusRank: rank < 0 ? null : rank + 1,
    found,
    significant,
    covered,
    reversals,
    pseudoReversals,
    sentences,
  }
}
