import type { Workshop } from '../../compute/task.ts'
import { isUpturnError } from '../../errors/index.ts'
import type { ColumnBatch } from '../../host/host.ts'
import { exp } from '../../numerics/special.ts'
import { associationCells } from '../../results/association-cells.ts'
import type { SourceContrast } from '../../results/sources.ts'
import { type AssociationRows, associate } from '../associate.ts'
import { type DesignInput, designStudy, type StudyPerson } from '../design.ts'

/** A source, or the rest, with fewer controls than this is not compared. */
export const fewestControls = 5
const listed = 100
/** Family-wise level beyond which a variant differs between sources. */
const alpha = 0.05

export interface ContrastOptions {
  /** Folder of the genotype store, and the variants to compare: bit i of byte i >> 3; null compares all. */
  store: string
  keep: Uint8Array | null
  labelSets: number
}

/** A contrast, and the places in the store of the variants that differ. */
export interface ContrastResult {
  contrast: SourceContrast
  differing: number[]
}

/**
 * Compares the allele frequencies of controls from `source` with those of all other controls: the association scan itself,
 * source in the place of the disease. Labels of source are redrawn given the study's covariates, so that ancestry that
 * goes with a source is not taken for an artefact; where covariates all but tell the source, the contrast says that it
 * cannot be made.
 * @param controls the controls whose source is known
 */
export async function contrastSource(
  source: string,
  controls: readonly { person: StudyPerson; covariates: readonly number[] }[],
  input: Pick<DesignInput, 'header' | 'seed' | 'sexChromosomes'> & { covariateNames: readonly string[] },
  options: ContrastOptions,
  workshop: Workshop,
): Promise<ContrastResult> {
  const here = controls.filter(({ person }) => person.source === source).length
  const contrast: SourceContrast = {
    source,
    controls: here,
    others: controls.length - here,
    untested: null,
    masks: null,
    labelSets: 0,
    variants: 0,
    lambda: null,
    qq: null,
    familyP: null,
    familyPLow: null,
    familyPHigh: null,
    differing: 0,
    most: [],
  }
  const untested = (why: string): ContrastResult => ({ contrast: { ...contrast, untested: why }, differing: [] })
  if (Math.min(contrast.controls, contrast.others) < fewestControls)
    return untested(`fewer than ${fewestControls} controls on one side`)
  let study: ReturnType<typeof designStudy>
  try {
    study = designStudy({
      header: input.header,
      people: controls.map(({ person }) => ({ ...person, case: person.source === source, source: undefined })),
      covariates: input.covariateNames.map((name, j) => ({
        name,
        values: controls.map(({ covariates }) => covariates[j]),
      })),
      seed: input.seed,
      primary: { test: 'family', alpha, rule: 'fixed for every comparison of sources' },
      permutations: { sets: options.labelSets, extend: false },
      sexChromosomes: input.sexChromosomes,
    })
  } catch (error) {
    if (
      isUpturnError(error, 'NoOverlap') ||
      isUpturnError(error, 'SeparatedByCovariate') ||
      isUpturnError(error, 'CollinearCovariates')
    )
      return untested(`the covariates tell the source: ${error.message}`)
    throw error
  }
  const { design, labels } = study
  design.families = design.families
    .slice(0, 1)
    .map((family) => ({ ...family, purpose: `association/sources/${source}/${family.masks}` }))

  // Rows come in the order of the variants kept.
  const kept = keptIndices(design.storeVariants, options.keep)
  let row = 0
  const beyond: { index: number; most: SourceContrast['most'][number] }[] = []
  const take = ({ rows, lines, familyWise }: AssociationRows) => {
    let cells: ColumnBatch | undefined
    for (let i = 0; i < rows; i++) {
      const index = kept(row++)
      if (!(exp(familyWise[i]) <= alpha)) continue
      cells ??= associationCells(lines)
      beyond.push({ index, most: describe(cells, i) })
    }
  }
  const summary = await associate(
    design,
    labels,
    { store: options.store, keep: options.keep, firth: 'screened' },
    workshop,
    take,
  )
  const family = summary.families[0]
  beyond.sort((a, b) => a.most.p - b.most.p || a.index - b.index)
  return {
    contrast: {
      ...contrast,
      masks: family.masks,
      labelSets: family.labelSets,
      variants: summary.variantsTested,
      lambda: summary.lambda,
      qq: summary.qq,
      familyP: family.familyP,
      familyPLow: family.familyPLow,
      familyPHigh: family.familyPHigh,
      differing: beyond.length,
      most: beyond.slice(0, listed).map(({ most }) => most),
    },
    differing: beyond.map(({ index }) => index),
  }
}

/** The store's index of the k-th kept variant, asked for in order. */
function keptIndices(variants: number, keep: Uint8Array | null): (k: number) => number {
  let index = -1
  let reached = -1
  return (k) => {
    while (reached < k && index < variants) {
      index++
      if (keep === null || ((keep[index >> 3] >> (index & 7)) & 1) === 1) reached++
    }
    return index
  }
}

function describe(batch: ColumnBatch, i: number): SourceContrast['most'][number] {
  const n = (name: string) => Number(batch[name][i])
  const frequency = (group: 'case' | 'control') => {
    const people = n(`${group}_ref`) + n(`${group}_het`) + n(`${group}_alt`)
    return people === 0 ? 0 : (n(`${group}_het`) + 2 * n(`${group}_alt`)) / (2 * people)
  }
  return {
    key: `${batch.chromosome[i]}:${batch.position[i]}:${batch.ref[i]}:${batch.alt[i]}`,
    rsid: String(batch.rsid[i] ?? ''),
    p: n('primary_p'),
    alleles: String(batch.alt[i]),
    here: frequency('case'),
    there: frequency('control'),
  }
}
