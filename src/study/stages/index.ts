import type { Stage, StageName } from '../stage.ts'

/** Every stage of a study. Loaded when a study runs, so that a command's help stays quick. */
export async function loadStages(): Promise<ReadonlyMap<StageName, Stage>> {
  const stages: Stage[] = await Promise.all([
    import('./visits.ts').then((m) => m.visits),
    import('./measures.ts').then((m) => m.measures),
    import('./calls.ts').then((m) => m.calls),
    import('./genotypes.ts').then((m) => m.genotypes),
    import('./quality.ts').then((m) => m.quality),
    import('./ancestry.ts').then((m) => m.ancestry),
    import('./matching.ts').then((m) => m.matching),
    import('./calibration.ts').then((m) => m.calibration),
    import('./association.ts').then((m) => m.association),
    import('./loci.ts').then((m) => m.loci),
    import('./regions.ts').then((m) => m.regions),
    import('./biomarkers.ts').then((m) => m.biomarkers),
    import('./survival.ts').then((m) => m.survival),
    import('./replication.ts').then((m) => m.replication),
    import('./planning.ts').then((m) => m.planning),
    import('./report.ts').then((m) => m.report),
  ])
  return new Map(stages.map((stage) => [stage.name, stage]))
}
