import { givenLead, type TestedRegion, testRegions, testWithinSets } from '../../association/index.ts'
import { type GenotypeStore, openStore } from '../../genotypes/index.ts'
import { lociDefaults } from '../../locus/index.ts'
import type { AssociationSummary } from '../../results/association.ts'
import type { Loci } from '../../results/loci.ts'
import type { LeadRegion, MatchedLead, RegionsSummary } from '../../results/regions.ts'
import { designParameters, matchedFormOf, studyDesign } from '../design.ts'
import { regionsBed, studyRegions } from '../region-list.ts'
import type { Stage, StageContext } from '../stage.ts'

/** Genes that are tested because a lead is near: at most so many a lead, at most so far. */
const genesOfLead = 5
const basesFromLead = 100_000
/** Leads of which the region is looked at given the lead: the best. */
const leadsTaken = 1

export const regions: Stage = {
  name: 'regions',
  version: 4,
  reads: ['visits', 'calls', 'genotypes', 'quality', 'ancestry', 'association', 'loci', 'matching'],
  publish: ['regions.json'],
  parameters: (study) => ({
    ...designParameters(study),
    geneTests: study.gene_tests,
    covariates: study.covariates,
    primary: study.primary,
    permutations: study.permutations,
    callRate: study.quality.variant_call_rate,
  }),
  inputs: async (loaded) => [regionsBed(loaded)].filter((path) => path !== undefined),
  async run(context) {
    const { study, loaded } = context
    const { host, signal, progress } = context.workshop
    const { design, labels, store: folder, keep } = await studyDesign(context)
    const { loci } = await context.read<Loci>('loci', 'loci.json')
    const notes: string[] =
      design.matched === null
        ? []
        : [`Labels are redrawn within ${design.matched.sets} matched sets, and Firth’s tests stay within them.`]
    const near: TestedRegion[] = loci.flatMap((locus) =>
      locus.genes
        .filter((gene) => gene.distance <= basesFromLead)
        .slice(0, genesOfLead)
        .map(({ symbol, start, end }) => ({
          name: symbol,
          chromosome: locus.chromosome,
          start,
          end,
          reason: `near ${locus.lead}`,
        })),
    )
    const { max_maf, weights, sets } = study.gene_tests
    const asked = await studyRegions(loaded, host, signal)
    const names = new Set(asked.map(({ name }) => name))
    const list = [...asked, ...near.filter(({ name }) => !names.has(name))].filter(
      (region, i, all) => all.findIndex((other) => other.name === region.name && other.start === region.start) === i,
    )
    const store = await openStore(host, folder)
    try {
      const tested = await testRegions(
        list,
        store,
        design,
        labels,
        { maxMaf: max_maf, weights, sets, callRate: study.quality.variant_call_rate, alpha: study.primary.alpha },
        { signal, progress },
      )
      if (design.families.length === 0 && list.length > 0)
        notes.push('Without label sets (permutations: 0) genes and regions are not tested.')
      const leads: LeadRegion[] = []
      for (const locus of loci.slice(0, leadsTaken)) {
        const found = await givenLead(
          { key: locus.lead, chromosome: locus.chromosome, position: locus.position },
          lociDefaults.regionBases,
          { store, keep, design, labels },
          { signal, progress },
        )
        if (found !== null) leads.push(found)
      }
      const count = tested.filter((region) => region.variants > 0).length
      const summary: RegionsSummary = {
        rule: `Genes named in the study, regions of its BED file or list, and up to ${genesOfLead} protein-coding genes within ${basesFromLead / 1000} kb of each lead; variants with a minor-allele frequency of at most ${max_maf} and a call rate of at least ${study.quality.variant_call_rate}, weights ${weights}. Given the lead: variants that passed quality control within ${lociDefaults.regionBases / 1000} kb of the best lead.`,
        regions: tested,
        threshold: count === 0 ? null : study.primary.alpha / count,
        leads,
        matchedLead: design.matched === null ? await matchedLead(context, store) : null,
        notes,
      }
      await context.json('regions.json', summary)
    } finally {
      await store.close()
    }
  },
}

/** The lead within the sets that the matching made; its people are some of the study's. */
async function matchedLead(
  context: StageContext,
  store: GenotypeStore,
): Promise<MatchedLead | { reason: string } | null> {
  const { lead } = await context.read<AssociationSummary>('association', 'association.json')
  if (lead === null) return null
  const form = await matchedFormOf(context)
  return 'reason' in form ? form : testWithinSets(lead, store, form, context.workshop.signal)
}
