import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import type { Executor } from '../compute/index.ts'
import { isUpturnError, UpturnError } from '../errors/index.ts'
import type { Host } from '../host/host.ts'
import { fileError, writeWhole } from '../host/node/files.ts'
import { nodeHost } from '../host/node/index.ts'
import type { Manifest, StageRecord } from '../results/manifest.ts'
import { CanonicalDigest, digestOf } from './canonical.ts'
import { type ChunkCount, runWithFiles } from './chunk-files.ts'
import { retireCluster } from './cluster/executor.ts'
import { openClusterExecutor } from './cluster/open.ts'
import { clusterFolder } from './cluster/run-folder.ts'
import type { ClusterSettings } from './cluster/settings.ts'
import { type LiveProgress, liveProgress } from './live.ts'
import type { LoadedStudy } from './load.ts'
import { lockFolder } from './lock.ts'
import type { Progress } from './progress.ts'
import type { Study } from './schema.ts'
import { type Stage, type StageContext, type StageName, stageNames, stageReads } from './stage.ts'
import { findStage, InputDigests, publishFile, type StageSeal, sealStage } from './stage-cache.ts'
import { digestingHost } from './stage-host.ts'
import { loadStages } from './stages/index.ts'
import { threadExecutor } from './thread-executor.ts'
import { threadPool } from './threads.ts'
import { packageFolder, upturnVersion } from './version.ts'

export interface RunStudyOptions {
  out: string
  workers: number
  /** Where the chunks run; threads of this process when absent. */
  cluster?: ClusterSettings
  /** Only this stage and what it needs. */
  stage?: StageName
  progress: Progress
  signal: AbortSignal
}

export const notice = 'Research use only. Nothing here replaces the advice of a doctor.'

/** Inputs are named from the study file's folder; what the package itself brings, from the package. */
function shownPath(folder: string, path: string): string {
  const near = relative(folder, path)
  const own = relative(packageFolder, path)
  return near.startsWith('..') && !own.startsWith('..') ? `upturn/${own}` : near
}

/** The stages that a stage needs, itself included, in order. */
function needed(stages: ReadonlyMap<StageName, Stage>, target: StageName | undefined, study: Study): StageName[] {
  if (target === undefined) return [...stageNames]
  const wanted = new Set<StageName>()
  const add = (name: StageName) => {
    if (wanted.has(name)) return
    wanted.add(name)
    const stage = stages.get(name)
    for (const before of stage === undefined ? [] : stageReads(stage, study)) add(before)
  }
  add(target)
  return stageNames.filter((name) => wanted.has(name))
}

/** Threads, or a cluster beside them. */
async function openExecutor(options: RunStudyOptions, cache: string): Promise<Executor> {
  const { workers, cluster, progress } = options
  const threads = threadExecutor(threadPool(workers))
  if (cluster !== undefined)
    return openClusterExecutor(cluster, { cache, threads, workers, note: (text) => progress.note(text) })
  const remove = await retireCluster(clusterFolder(cache))
  if (remove === undefined) return threads
  progress.note('  processes on a cluster that an earlier run left at work are told to end')
  return { ...threads, close: () => threads.close().then(remove) }
}

async function removeStale(cache: string): Promise<void> {
  for (const name of await readdir(cache))
    if (name.startsWith('.building-') || name.endsWith('.partial'))
      await rm(join(cache, name), { recursive: true, force: true })
}

/** Walks the stages of a study, reusing whatever has not changed, and writes the manifest last. */
export async function runStudy(loaded: LoadedStudy, options: RunStudyOptions): Promise<Manifest> {
  const { out, workers, signal } = options
  const began = performance.now()
  const stages = await loadStages()
  const names = needed(stages, options.stage, loaded.study)
  const cache = join(out, '.stages')
  const unlock = await lockFolder(join(cache, 'lock'))
  const host = nodeHost()
  const progress = liveProgress(options.progress, cache, {
    study: loaded.study.name,
    executor: options.cluster?.scheduler.kind ?? 'threads',
  })
  let executor: Executor | undefined
  let stopped = false
  try {
    await removeStale(cache)
    executor = await openExecutor(options, cache)
    const inputs = new InputDigests(join(cache, 'inputs.json'))
    await inputs.load()
    const records = new Map<StageName, StageRecord>()
    const inputRecords = new Map<string, { path: string; bytes: number; sha256: string }>()
    let position = 0
    for (const name of names) {
      signal.throwIfAborted()
      const stage = stages.get(name) as Stage
      progress.stage(name, ++position, names.length)
      const stageBegan = performance.now()
      const files = await stage.inputs(loaded)
      const digests: string[] = []
      for (const [index, path] of files.entries()) {
        const entry = await inputs.digest(path, signal, (fraction) =>
          progress.step('checking input', (index + fraction) / files.length),
        )
        inputRecords.set(path, { path: shownPath(loaded.folder, path), bytes: entry.bytes, sha256: entry.sha256 })
        digests.push(entry.sha256)
      }
      if (files.length > 0) await inputs.save()
      const key = digestOf({
        stage: name,
        version: stage.version,
        parameters: stage.parameters(loaded.study),
        seed: loaded.study.seed,
        inputs: digests,
        reads: stageReads(stage, loaded.study).map((before) => records.get(before)?.digest ?? ''),
      }).slice(0, 16)
      const final = join(cache, `${name}-${key}`)
      let sealed = await findStage(final)
      const cached = sealed !== undefined
      const count: ChunkCount = { chunks: sealed?.chunks ?? 0, reused: sealed?.chunks ?? 0 }
      if (sealed === undefined) {
        count.chunks = 0
        count.reused = 0
        sealed = await buildStage({
          stage,
          key,
          final,
          cache,
          loaded,
          records,
          host,
          executor,
          count,
          progress,
          signal,
          provenance: () => ({
            manifest: manifestOf({
              loaded,
              records,
              inputs: [...inputRecords.values()],
              workers,
              seconds: (performance.now() - began) / 1000,
            }),
            out,
          }),
        })
      }
      const seconds = (performance.now() - stageBegan) / 1000
      records.set(name, {
        stage: name,
        folder: `${name}-${key}`,
        key,
        digest: sealed.digest,
        version: stage.version,
        cached,
        seconds,
        chunks: count.chunks,
        chunksReused: count.reused,
        files: sealed.files.map((file) => file.name),
      })
      progress.stageDone(name, seconds, cached)
    }
    const manifest = await publish({
      loaded,
      out,
      cache,
      stages,
      records,
      inputs: [...inputRecords.values()],
      workers,
      seconds: (performance.now() - began) / 1000,
    })
    await prune(cache, records)
    return manifest
  } catch (error) {
    stopped = isUpturnError(error, 'Interrupted')
    await progress.end(stopped)
    if (!stopped) await removeIfEmpty(out, cache)
    throw error
  } finally {
    await executor?.close()
    await progress.end(stopped)
    await unlock()
    await rmdir(cache).catch(() => undefined)
    await rmdir(out).catch(() => undefined)
  }
}

async function buildStage(options: {
  stage: Stage
  key: string
  final: string
  cache: string
  loaded: LoadedStudy
  records: ReadonlyMap<StageName, StageRecord>
  host: Host
  executor: Executor
  count: ChunkCount
  progress: LiveProgress
  signal: AbortSignal
  provenance: StageContext['provenance']
}): Promise<StageSeal> {
  const { stage, key, final, cache, loaded, records, executor, count, progress, signal } = options
  const building = join(cache, `.building-${stage.name}-${key}`)
  const chunkFolder = join(cache, `.chunks-${stage.name}-${key}`)
  const digests = new Map<string, string>()
  const began = performance.now()
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, building)
  })
  const host = digestingHost(options.host, (name, digest) => digests.set(name, digest))
  const folderOf = (name: StageName): string => {
    const record = records.get(name)
    if (record === undefined || !stageReads(stage, loaded.study).includes(name))
      throw new UpturnError('Internal', `stage ${stage.name} does not say that it reads ${name}`)
    return join(cache, record.folder)
  }
  const context: StageContext = {
    study: loaded.study,
    loaded,
    folder: building,
    workshop: {
      host,
      signal,
      progress: (label, fraction) => progress.step(label, fraction),
      run: runWithFiles({
        executor,
        folder: chunkFolder,
        signal,
        count,
        progress: (label, fraction) => progress.step(label, fraction),
        began: (chunks, number) => progress.scan(chunks, number),
      }),
    },
    file: (name) => join(building, name),
    from: (name, file) => join(folderOf(name), file),
    async read(name, file) {
      return JSON.parse(await readFile(join(folderOf(name), file), 'utf8'))
    },
    async json(name, value, notInDigest = []) {
      digests.set(name, digestOf(value, new Set(notInDigest)))
      await writeWhole(join(building, name), `${JSON.stringify(value, null, 1)}\n`)
    },
    digest: (name, digest) => {
      digests.set(name, digest)
    },
    provenance: options.provenance,
    note: (text) => progress.note(text),
  }
  try {
    await stage.run(context)
    signal.throwIfAborted()
    const digest = new CanonicalDigest()
    for (const [name, value] of [...digests].sort(([a], [b]) => (a < b ? -1 : 1))) digest.text(name).text(value)
    const sealed = await sealStage(building, final, {
      stage: stage.name,
      key,
      version: stage.version,
      digest: digest.hex(),
      seconds: (performance.now() - began) / 1000,
      chunks: count.chunks,
    })
    await rm(chunkFolder, { recursive: true, force: true })
    return sealed
  } catch (error) {
    await rm(building, { recursive: true, force: true })
    // Finished chunks are kept for the next run after an interruption; after an error they would only be in the way.
    if (!isUpturnError(error, 'Interrupted')) await rm(chunkFolder, { recursive: true, force: true })
    throw error
  }
}

async function publish(options: {
  loaded: LoadedStudy
  out: string
  cache: string
  stages: ReadonlyMap<StageName, Stage>
  records: ReadonlyMap<StageName, StageRecord>
  inputs: Manifest['inputs']
  workers: number
  seconds: number
}): Promise<Manifest> {
  const { out, cache, stages, records } = options
  const path = join(out, 'manifest.json')
  for (const [name, record] of records)
    for (const file of record.files.filter((file) =>
      stages
        .get(name)
        ?.publish.some((pattern) => file === pattern || (pattern.endsWith('/') && file.startsWith(pattern))),
    ))
      await publishFile(join(cache, record.folder, file), join(out, file))
  const manifest = manifestOf(options)
  await writeWhole(path, `${JSON.stringify(manifest, null, 1)}\n`)
  return manifest
}

/** What is known of a run: all of it in the end, or as it stands before a stage. */
function manifestOf(options: {
  loaded: LoadedStudy
  records: ReadonlyMap<StageName, StageRecord>
  inputs: Manifest['inputs']
  workers: number
  seconds: number
}): Manifest {
  const { loaded, records } = options
  const total = new CanonicalDigest()
  for (const [name, record] of records) if (name !== 'report') total.text(name).text(record.digest)
  const primary = records.has('calibration')
    ? { test: loaded.study.primary.test, alpha: loaded.study.primary.alpha, frozenAt: new Date().toISOString() }
    : null
  return {
    upturn: upturnVersion(),
    study: loaded.study.name,
    seed: loaded.study.seed,
    resultDigest: total.hex(),
    primary,
    stages: [...records.values()],
    inputs: options.inputs,
    machine: {
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      cores: availableParallelism(),
      workers: options.workers,
    },
    seconds: options.seconds,
    parameters: loaded.study,
    notice,
  }
}

/** Removes folders of stages that the manifest no longer names. */
async function prune(cache: string, records: ReadonlyMap<StageName, StageRecord>): Promise<void> {
  const current = new Set([...records.values()].map((record) => record.folder))
  const rerun = new Set<string>(records.keys())
  for (const name of await readdir(cache)) {
    const stage = name.replace(/^\.(building|chunks)-/, '').replace(/-[0-9a-f]{16}$/, '')
    if (rerun.has(stage) && !current.has(name)) await rm(join(cache, name), { recursive: true, force: true })
  }
}

/** After a failure nothing may lie about that looks like a result. */
async function removeIfEmpty(out: string, cache: string): Promise<void> {
  const finished = (await readdir(cache).catch(() => [])).some((name) =>
    stageNames.some((stage) => name.startsWith(`${stage}-`)),
  )
  if (finished) return
  await rm(join(cache, 'inputs.json'), { force: true })
  await rmdir(cache).catch(() => undefined)
  await rmdir(out).catch(() => undefined)
}
