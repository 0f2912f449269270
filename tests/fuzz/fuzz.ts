import { describeError, isUpturnError } from '../../src/errors/index.ts'
import type { Host } from '../../src/host/host.ts'
import { RandomStream } from '../../src/numerics/index.ts'
import { memoryHost } from './memory-host.ts'
import { mutate } from './mutate.ts'
import type { Calls } from './read-calls.ts'

/** What is fuzzed: files that belong together, and how they are read. */
export interface Subject {
  readonly name: string
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Which of them are changed; all by default. */
  readonly changed?: readonly string[]
  /** What a reader makes of the files. */
  read(host: Host): Promise<unknown>
  /**
   * What an accepted reading must be equal to: that of the unchanged files, where checksums protect every byte; or what a plain
   * reading of the changed bytes gives; `null` where nothing else can say, always or for these bytes.
   */
  readonly truth: 'unchanged' | ((files: ReadonlyMap<string, Uint8Array>) => unknown) | null
}

export interface FuzzCounts {
  inputs: number
  accepted: number
  refused: number
  /** Longest time that one input took, ms. */
  slowest: number
}

/** Calls in one order, so that two readings compare. */
export function canonical(reading: unknown): string {
  return JSON.stringify(
    Array.isArray(reading) ? (reading as Calls).map(([key, codes]) => `${key} ${codes}`).sort() : reading,
  )
}

/**
 * Feeds inputs first, first + step, ... below `end` of every subject to its reader. Throws where one neither gives data nor a
 * tagged refusal, names no file, or gives other data than the truth; the message says how to make the input again.
 */
export async function fuzz(
  subjects: readonly Subject[],
  seed: number,
  { first, step, end }: { first: number; step: number; end: number },
): Promise<FuzzCounts> {
  const counts: FuzzCounts = { inputs: 0, accepted: 0, refused: 0, slowest: 0 }
  const unchanged = new Map<Subject, string>()
  for (const subject of subjects)
    if (subject.truth === 'unchanged') unchanged.set(subject, canonical(await subject.read(memoryHost(subject.files))))
  const donors = subjects.flatMap(({ files }) => [...files.values()])
  for (let input = first; input < end; input += step) {
    const subject = subjects[input % subjects.length]
    const random = new RandomStream(seed, 'fuzz', input)
    const files = new Map(subject.files)
    const names = subject.changed ?? [...files.keys()]
    const name = names[random.integer(names.length)]
    const original = files.get(name)
    if (original === undefined) throw new Error(`${subject.name} has no file ${name}`)
    files.set(name, mutate(original, donors[random.integer(donors.length)], random))
    const where = `${subject.name}, seed ${seed}, input ${input}, ${name}`
    const began = performance.now()
    counts.inputs++
    let reading: unknown
    try {
      reading = await subject.read(memoryHost(files))
    } catch (error) {
      if (!isUpturnError(error) || error.code === 'Internal')
        throw new Error(`${where}: ${isUpturnError(error) ? describeError(error) : String(error)}`, { cause: error })
      if (error.place.file === undefined) throw new Error(`${where}: no file is named: ${error.message}`)
      counts.refused++
      continue
    } finally {
      counts.slowest = Math.max(counts.slowest, performance.now() - began)
    }
    counts.accepted++
    const plain = typeof subject.truth === 'function' ? subject.truth(files) : null
    const truth = unchanged.get(subject) ?? (plain === null ? null : canonical(plain))
    if (truth !== null && canonical(reading) !== truth)
      throw new Error(
        `${where}: something else than the bytes say:\n${canonical(reading)}\nwhere they say\n${truth}\nin\n${new TextDecoder().decode(files.get(name)).slice(0, 3000)}`,
      )
  }
  return counts
}
