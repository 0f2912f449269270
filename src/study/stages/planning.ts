import { planDefaults, planNextStudy } from '../../planning/index.ts'
import type { AssociationSummary } from '../../results/association.ts'
import type { Loci } from '../../results/loci.ts'
import { primaryColumn } from '../primary.ts'
import type { Stage } from '../stage.ts'

export const planning: Stage = {
  name: 'planning',
  version: 1,
  reads: ['association', 'loci'],
  publish: ['plan.json'],
  parameters: (study) => ({ ...planDefaults, ratio: study.matching.ratio, primary: study.primary }),
  inputs: async () => [],
  async run(context) {
    const { study } = context
    const association = await context.read<AssociationSummary>('association', 'association.json')
    const { loci } = await context.read<Loci>('loci', 'loci.json')
    const test = primaryColumn(study)
    const family = association.families[0]
    const isFamily = test === 'family_p' && family !== undefined
    const plan = planNextStudy(
      loci[0] ?? null,
      {
        cases: association.cases,
        controls: association.controls,
        test,
        threshold: isFamily ? family.threshold : study.primary.alpha,
        familyAlpha: isFamily ? study.primary.alpha : null,
        variants: family?.distinctVariants ?? association.variantsTested,
      },
      { ...planDefaults, ratio: study.matching.ratio },
      study.seed,
    )
    await context.json('plan.json', plan)
  },
}
