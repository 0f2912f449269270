import { type KernelTables, kernelTables, readDeclarations } from '../declarations.ts'
import type { VcfScanOptions } from '../scan.ts'
import { type VcfVersion, versionRules } from '../version.ts'

/** Tables of the keys that meta-information lines declare. */
export function tablesOf(lines: readonly string[], version: VcfVersion): KernelTables {
  const rules = versionRules(version)
  return kernelTables(readDeclarations(['', ...lines], rules, 'test.vcf'), rules)
}

/** Options of a scan of everybody in the order of the columns, unless said otherwise. */
export function scanOptions(
  samples: number,
  more: Partial<VcfScanOptions> & { version?: VcfVersion; declared?: readonly string[] } = {},
): VcfScanOptions {
  const { version = '4.2', declared = [], ...options } = more
  return {
    samples,
    people: samples,
    permutation: Int32Array.from({ length: samples }, (_, s) => s),
    keepFiltered: false,
    minGq: 0,
    minDp: 0,
    alleleBalance: null,
    dosages: true,
    rules: versionRules(version),
    tables: tablesOf(declared, version),
    ...options,
  }
}
