import type { ChunkTask } from '../compute/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: tasks of every setup, chunk and result stand side by side
type AnyTask = ChunkTask<any, any, any>

/** Every task that a worker may be asked to do, by its name; a module is loaded when it is first asked for. */
export const tasks: Readonly<Record<string, () => Promise<AnyTask>>> = {
  'genotypes/bed': async () => (await import('../genotypes/bed/chunk.ts')).bedChunkTask,
  'genotypes/bcf': async () => (await import('../genotypes/bcf/chunk.ts')).bcfChunkTask,
  'genotypes/bgen': async () => (await import('../genotypes/bgen/chunk.ts')).bgenChunkTask,
  'genotypes/pgen': async () => (await import('../genotypes/pgen/chunk.ts')).pgenChunkTask,
  'genotypes/write bed': async () => (await import('../genotypes/convert/tasks.ts')).writeBedTask,
  'genotypes/write records': async () => (await import('../genotypes/convert/tasks.ts')).writeRecordsTask,
  'genotypes/vcf': async () => (await import('../genotypes/vcf/chunk.ts')).vcfChunkTask,
  'genotypes/call-rate': async () => (await import('../genotypes/quality/call-rate.ts')).callRateTask,
  'genotypes/choose': async () => (await import('../genotypes/quality/choose.ts')).chooseTask,
  'genotypes/counts': async () => (await import('../genotypes/counts/task.ts')).countsTask,
  'genotypes/loadings': async () => (await import('../genotypes/ancestry/loadings.ts')).loadingsTask,
  'genotypes/project': async () => (await import('../genotypes/ancestry/project.ts')).projectTask,
  'genotypes/heterozygosity': async () => (await import('../genotypes/quality/heterozygosity.ts')).heterozygosityTask,
  'genotypes/variant-filter': async () => (await import('../genotypes/quality/variant-filter.ts')).variantFilterTask,
  'genotypes/king': async () => (await import('../genotypes/kinship/king.ts')).kingTask,
  'genotypes/ld': async () => (await import('../genotypes/ld/ld-task.ts')).ldTask,
  'genotypes/prune': async () => (await import('../genotypes/ld/prune.ts')).pruneTask,
  'association/calibration': async () => (await import('../association/calibration/subset-task.ts')).calibrationTask,
  'association/calibration Firth': async () =>
    (await import('../association/calibration/firth-task.ts')).calibrationFirthTask,
  'association/calibration efficient score': async () =>
    (await import('../association/calibration/score-task.ts')).calibrationScoreTask,
  'association/exact': async () => (await import('../association/exact/task.ts')).exactTask,
  'association/minima': async () => (await import('../association/minima-task.ts')).minimaTask,
  'association/rows': async () => (await import('../association/rows-task.ts')).rowsTask,
  'clinical/posterior': async () => (await import('../clinical/calls/posterior/task.ts')).posteriorTask,
  'simulation/pool': async () => (await import('../simulation/people/pool-task.ts')).poolTask,
  'simulation/segment': async () => (await import('../simulation/genome/segment-task.ts')).segmentTask,
  'genotypes/covariance': async () => (await import('../genotypes/ancestry/covariance.ts')).covarianceTask,
}
