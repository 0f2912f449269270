import { calibrate } from '../../association/index.ts'
import { isBlind } from '../before-phenotypes.ts'
import { blindStudyDesign, designParameters, designReads, studyDesign } from '../design.ts'
import type { Stage } from '../stage.ts'

export const calibration: Stage = {
  name: 'calibration',
  version: 4,
  reads: ['visits', 'calls', 'genotypes', 'quality', 'ancestry', 'matching'],
  readsOf: (study) =>
    isBlind(study)
      ? ['genotypes', 'quality', 'ancestry']
      : designReads('visits', 'calls', 'genotypes', 'quality', 'ancestry')(study),
  publish: ['calibration.json'],
  parameters: (study) => ({
    ...designParameters(study),
    covariates: study.covariates,
    primary: study.primary,
    permutations: study.permutations,
    replicates: study.calibration.replicates,
    firthReplicates: study.calibration.firth_replicates,
    cases: study.calibration.cases ?? null,
  }),
  inputs: async () => [],
  async run(context) {
    // The labels go no further than this line: calibration sees the sealed design alone.
    const sealed = isBlind(context.study)
      ? await blindStudyDesign(context)
      : { ...(await studyDesign(context)), notes: [] }
    const { design, store, keep, notes } = sealed
    const { replicates, firth_replicates: firthReplicates } = context.study.calibration
    const certificate = await calibrate(design, { store, keep, replicates, firthReplicates }, context.workshop)
    await context.json('calibration.json', { ...certificate, notes: [...certificate.notes, ...notes] })
  },
}
