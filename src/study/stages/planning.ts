import { planDefaults, planNextStudy } from '../../planning/index.ts'
import type { AssociationSummary, FamilySummary } from '../../results/association.ts'
import type { Loci } from '../../results/loci.ts'
import { primaryColumn } from '../primary.ts'
import type { Stage } from '../stage.ts'

export const planning: Stage = {
  name: 'planning',
  version: 2,
  reads: ['association', 'loci'],
  publish: ['plan.json'],
  parameters: (study) => ({ ...planDefaults, ratio: study.matching.ratio, primary: study.primary }),
  inputs: async () => [],
  async run(context) {
    const { study } = context
    const association = await context.read<AssociationSummary>('association', 'association.json')
    const { loci } = await context.read<Loci>('loci', 'loci.json')
    const test = primaryColumn(study)
    const family: FamilySummary | undefined = association.families[0]
    const plan = planNextStudy(
      loci[0] ?? null,
      {
        cases: association.cases,
        controls: association.controls,
        test,
        // Without label sets the family-wise test is Bonferroni's.
        threshold: test === 'firth_p' ? study.primary.alpha : (family?.threshold ?? association.bonferroni.threshold),
        familyAlpha: test === 'family_p' ? study.primary.alpha : null,
        variants: family?.distinctVariants ?? association.variantsTested,
        matched: association.matched?.sizes,
      },
      { ...planDefaults, ratio: study.matching.ratio },
      study.seed,
    )
    await context.json('plan.json', plan)
  },
}
