import { runInline } from '../../src/compute/task.ts'
import { unitePeople } from '../../src/genotypes/import/collect.ts'
import type { OpenOptions } from '../../src/genotypes/import/file.ts'
import { detectFormat, openGenotypeFile } from '../../src/genotypes/import/format.ts'
import { mergeRegions, parseRegion } from '../../src/genotypes/regions/regions.ts'
import { recordBytes } from '../../src/genotypes/store/layout.ts'
import type { Host } from '../../src/host/host.ts'

/** Calls by variant: `chromosome position ref alt` and a digit a person, by id: copies of alt, 3 for none. In file order. */
export type Calls = readonly (readonly [string, string])[]

/** Every variant that a reader takes from a file, or from a region of it. */
export async function readCalls(host: Host, path: string, open: OpenOptions = {}, region?: string): Promise<Calls> {
  const { signal } = new AbortController()
  const file = await openGenotypeFile(host, path, await detectFormat(host, path, signal), signal, open)
  const people = unitePeople([file])
  const n = people.samples.length
  const bytes = recordBytes(n)
  const calls: [string, string][] = []
  const request = {
    host,
    run: runInline(host, signal),
    signal,
    filters: {},
    regions: region === undefined ? undefined : mergeRegions([parseRegion(region)]),
    label: '',
    permutation: people.permutations[0],
    people: n,
  }
  for await (const { batch } of file.batches(request)) {
    const lines = new TextDecoder().decode(batch.lines).split('\n')
    for (let v = 0; v < batch.rank.length; v++) {
      const low = v * bytes
      const high = low + bytes / 2
      let codes = ''
      for (let s = 0; s < n; s++) {
        const bit = (plane: number) => (batch.genotypes[plane + (s >> 3)] >> (s & 7)) & 1
        codes += bit(low) + 2 * bit(high)
      }
      calls.push([lines[v].split('\t').slice(0, 4).join(' '), codes])
    }
  }
  return calls
}
