import { type Executor, poolExecutor, type Scan, type WorkerPool } from '../compute/index.ts'
import { presentNames, readResult, resultPath, writeResult } from './chunk-file.ts'

/** Worker threads of this process. Where a scan keeps files, only what is missing is computed. */
export function threadExecutor(pool: WorkerPool): Executor {
  const plain = poolExecutor(pool)
  return {
    close: () => pool.close(),
    async *run<Setup, Chunk, Result>(scan: Scan<Setup, Chunk, Result>, signal: AbortSignal) {
      const { files, chunks, done } = scan
      if (files === undefined) {
        yield* plain.run(scan, signal)
        return
      }
      const present = await presentNames(files.folder, files.names)
      const missing = [...chunks.keys()].filter((index) => !present.has(index))
      const fresh = plain
        .run(
          { ...scan, chunks: missing.map((index) => chunks[index]), done: (place) => done?.(missing[place]) },
          signal,
        )
        [Symbol.asyncIterator]()
      try {
        for (let index = 0; index < chunks.length; index++) {
          signal.throwIfAborted()
          const path = resultPath(files, index)
          if (present.has(index)) {
            const kept = await readResult(path)
            if (kept !== undefined) {
              done?.(index)
              yield kept.result as Result
            } else
              for await (const result of plain.run({ ...scan, chunks: [chunks[index]], done: undefined }, signal)) {
                await writeResult(path, result, String(process.pid), false)
                yield result
              }
          } else {
            const next = await fresh.next()
            await writeResult(path, next.value, String(process.pid), false)
            yield next.value as Result
          }
        }
      } finally {
        await fresh.return?.()
      }
    },
  }
}
