import { calibrate } from '../../association/index.ts'
import { studyDesign } from '../design.ts'
import type { Stage } from '../stage.ts'

export const calibration: Stage = {
  name: 'calibration',
  version: 1,
  reads: ['visits', 'calls', 'genotypes', 'quality', 'ancestry'],
  publish: ['calibration.json'],
  parameters: (study) => ({
    covariates: study.covariates,
    primary: study.primary,
    permutations: study.permutations,
    replicates: study.calibration.replicates,
  }),
  inputs: async () => [],
  async run(context) {
    // The labels go no further than this line: calibration sees the sealed design alone.
    const { design, store, keep } = await studyDesign(context)
    await context.json(
      'calibration.json',
      await calibrate(design, { store, keep, replicates: context.study.calibration.replicates }, context.workshop),
    )
  },
}
