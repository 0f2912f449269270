import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'

/** The files of one PLINK 2 dataset. */
export interface PgenFiles {
  readonly genotypes: string
  /** The index, where it is a file of its own and exists. */
  readonly index: string
  readonly variants: string
  readonly samples: string
}

const endings = /\.(pgen\.pgi|pgen|pvar|pvar\.zst|psam|bim|bim\.zst|fam)$/

/** The path without the ending of any of its files. */
export function pgenPrefix(path: string): string {
  return path.replace(endings, '')
}

/** Where the files of a dataset may lie, in the order in which they are looked for. */
export function pgenCandidates(
  path: string,
  exists: (path: string) => boolean,
): { genotypes: string; index: string; variants: readonly string[]; samples: readonly string[] } {
  let prefix = pgenPrefix(path)
  let genotypes = `${prefix}.pgen`
  if (prefix === path && !exists(genotypes)) {
    // A file of another name whose first bytes are those of a PGEN file.
    genotypes = path
    prefix = path.replace(/\.[^./]+$/, '')
  }
  return {
    genotypes,
    index: `${genotypes}.pgi`,
    variants: ['.pvar', '.pvar.zst', '.bim', '.bim.zst'].map((ending) => prefix + ending),
    samples: ['.psam', '.fam'].map((ending) => prefix + ending),
  }
}

/** Finds the files that belong to any one of them, or to a path without ending; names the one that is missing. */
export async function findPgenFiles(host: Host, path: string): Promise<PgenFiles> {
  const named = await host.exists(`${path}.pgen`)
  const { genotypes, index, variants, samples } = pgenCandidates(path, () => named)
  const first = async (what: string, candidates: readonly string[]) => {
    for (const candidate of candidates) if (await host.exists(candidate)) return candidate
    throw new UpturnError(
      'FileNotFound',
      `a PGEN file needs its ${what} beside it, but there is no ${candidates.slice(1).join(' and no ')} either`,
      { place: { file: candidates[0] } },
    )
  }
  if (!(await host.exists(genotypes)))
    throw new UpturnError('FileNotFound', 'there is no such file; check the path', { place: { file: genotypes } })
  return {
    genotypes,
    index,
    variants: await first('variants', variants),
    samples: await first('people', samples),
  }
}
