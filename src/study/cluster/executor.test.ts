import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { UpturnError } from '../../errors/index.ts'
import { packResult } from '../chunk-file.ts'
import { type PilotFile, pilotPath } from './pilots.ts'
import { runFolder } from './run-folder.ts'
import { scanIdentity } from './scans.ts'
import { Bench, FakeScheduler, pause, squares, squareTask } from './testing/harness.ts'

const benches: Bench[] = []
const bench = (...parameters: ConstructorParameters<typeof Bench>): Bench => {
  const made = new Bench(...parameters)
  benches.push(made)
  return made
}
afterEach(() => {
  for (const made of benches.splice(0)) made.remove()
})

/** A pilot that was killed long ago: its file says that it works, and its last sign of life is old. */
function deadPilot(made: Bench, id: string, job: string, state: PilotFile['state'] = 'working'): void {
  const run = runFolder(made.folder)
  mkdirSync(run.pilots, { recursive: true })
  const file: PilotFile = { id, job, host: 'n1', pid: 1, workers: 1, state, begun: 0, log: null }
  writeFileSync(pilotPath(run, id), JSON.stringify(file))
  utimesSync(pilotPath(run, id), 1, 1)
}

const scanFolder = (made: Bench, count: number) =>
  join(runFolder(made.folder).scans, scanIdentity('test/square', made.scan(count).files))

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await pause(10)
  expect(condition()).toBe(true)
}

describe('an executor whose chunks run elsewhere', () => {
  it('yields what threads yield, for any number of pilots, and leaves only results', async () => {
    for (const tasks of [1, 3]) {
      const made = bench()
      const executor = await made.open({ tasks })
      expect(await made.collect(executor, 40)).toEqual(squares(40))
      await executor.close()
      expect(existsSync(made.folder)).toBe(false)
      expect(readdirSync(made.results).length).toBe(40)
      expect(made.scheduler.submitted).toEqual([tasks])
    }
  })

  it('keeps its pilots from one scan to the next', async () => {
    const made = bench()
    const executor = await made.open()
    expect(await made.collect(executor, 6)).toEqual(squares(6))
    expect(await made.collect(executor, 17)).toEqual(squares(17))
    expect(made.scheduler.submitted).toEqual([2])
    await executor.close()
    expect(made.scheduler.cancelled).toEqual(['101'])
  })

  it('tells of every chunk once, and uses results that are there', async () => {
    const made = bench()
    writeFileSync(join(made.results, '3-x'), packResult({ value: 10, table: Float64Array.of(3, 3, 3) }))
    const executor = await made.open()
    const seen: number[] = []
    const values: number[] = []
    for await (const { value } of executor.run(
      made.scan(8, (index) => seen.push(index)),
      new AbortController().signal,
    ))
      values.push(value)
    await executor.close()
    expect(values).toEqual(squares(8))
    expect([...new Set(seen)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('computes anew what a torn file held', async () => {
    const made = bench()
    const whole = packResult({ value: 17, table: Float64Array.of(4, 4, 4) })
    for (const [index, bytes] of [
      [2, Buffer.alloc(0)],
      [4, whole.subarray(0, whole.length - 9)],
      [5, Buffer.alloc(whole.length)],
    ] as const)
      writeFileSync(join(made.results, `${index}-x`), bytes)
    const executor = await made.open()
    expect(await made.collect(executor, 9)).toEqual(squares(9))
    await executor.close()
  })

  it('keeps on this machine what threads end soon, and sends the rest', async () => {
    const near = bench()
    const executor = await near.open({ times: { local: 60_000 } })
    expect(await near.collect(executor, 20)).toEqual(squares(20))
    await executor.close()
    expect(near.scheduler.submitted).toEqual([])

    const far = bench(squareTask({ slow: 40 }))
    const other = await far.open({ times: { local: 100 } })
    expect(await far.collect(other, 20)).toEqual(squares(20))
    await other.close()
    expect(far.scheduler.submitted).toEqual([2])
  })

  it('takes short chunks in bundles, whose rest is done by others when a pilot is lost', async () => {
    const ran = new Map<number, number>()
    const made = bench(squareTask({ slow: 5, ran: (chunk) => ran.set(chunk, (ran.get(chunk) ?? 0) + 1) }))
    const executor = await made.open({ times: { local: 50 } })
    const running = made.collect(executor, 200)
    const folder = scanFolder(made, 200)
    await until(() => existsSync(join(folder, 'scan.json')))
    expect(JSON.parse(readFileSync(join(folder, 'scan.json'), 'utf8'))).toMatchObject({ chunks: 200, bundle: 12 })
    await until(() => readdirSync(made.results).length > 30)
    for (const element of made.scheduler.elements.values()) element.stop()
    expect(await running).toEqual(squares(200))
    await executor.close()
    // What was finished of a bundle is not done again.
    expect([...ran.values()].filter((times) => times > 1).length).toBeLessThan(10)
  })

  it('sends the rest also while the first chunk is still at work here', async () => {
    const ran: number[] = []
    const made = bench(squareTask({ slow: 300, ran: (chunk) => ran.push(chunk) }))
    const executor = await made.open({ times: { local: 50 } })
    expect(await made.collect(executor, 5)).toEqual(squares(5))
    await executor.close()
    // The chunk that ran here was leased, so no pilot did it again.
    expect(ran.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4])
  })

  it('goes on when pilots are lost, as often as it takes', async () => {
    const made = bench(squareTask({ slow: 20 }))
    const executor = await made.open({ tasks: 2 })
    const collected = made.collect(executor, 40)
    for (let round = 0; round < 3; round++) {
      await pause(100)
      for (const element of made.scheduler.elements.values()) element.stop()
    }
    expect(await collected).toEqual(squares(40))
    expect(made.scheduler.submitted.length).toBeGreaterThan(1)
    await executor.close()
  })

  it('takes over what a dead pilot held, and counts it as no fault when the scheduler ended it', async () => {
    const made = bench()
    deadPilot(made, 'dead-a', '7_0')
    deadPilot(made, 'dead-b', '7_1')
    deadPilot(made, 'dead-c', '7_2')
    for (const element of ['7_0', '7_1', '7_2'])
      made.scheduler.fates.set(element, { state: 'NODE_FAIL', innocent: true })
    // The first job never starts, which leaves time to write.
    made.scheduler.loses = 1
    const folder = scanFolder(made, 5)
    const executor = await made.open({ times: { watch: 200 } })
    const running = made.collect(executor, 5)
    // Three leases of pilots that never came back, as if each had begun the same chunk in turn.
    await until(() => existsSync(join(folder, 'scan.json')))
    for (const [attempt, id] of ['dead-a', 'dead-b', 'dead-c'].entries())
      writeFileSync(join(folder, `4.${attempt + 1}.lease`), id)
    expect(await running).toEqual(squares(5))
    await executor.close()
  })

  it('says which chunk took two pilots with it', async () => {
    const made = bench()
    made.scheduler.loses = 100
    deadPilot(made, 'dead-a', '7_0')
    deadPilot(made, 'dead-b', '7_1')
    made.scheduler.fates.set('7_0', { state: 'OUT_OF_MEMORY', innocent: false })
    const executor = await made.open({ times: { watch: 200 } })
    const running = made.collect(executor, 5)
    const folder = scanFolder(made, 5)
    await until(() => existsSync(join(folder, 'scan.json')))
    writeFileSync(join(folder, '0.1.lease'), 'dead-a')
    writeFileSync(join(folder, '0.2.lease'), 'dead-b')
    await expect(running).rejects.toMatchObject({
      code: 'ChunkLost',
      message: expect.stringMatching(
        /chunk 0 of 5 took 2 pilots with it \(job 7_0 on n1: OUT_OF_MEMORY; job 7_1 on n1/,
      ),
    })
    await executor.close()
  })

  it('blames no chunk for pilots that the scheduler still takes for running', async () => {
    const made = bench()
    made.scheduler.loses = 1
    for (const element of ['101_7', '101_8']) {
      deadPilot(made, `silent-${element}`, element)
      made.scheduler.elements.set(element, { stop: () => undefined, ended: false })
    }
    const executor = await made.open({ tasks: 3, times: { watch: 200 } })
    const running = made.collect(executor, 5)
    const folder = scanFolder(made, 5)
    await until(() => existsSync(join(folder, 'scan.json')))
    for (const [attempt, id] of ['silent-101_7', 'silent-101_8'].entries())
      writeFileSync(join(folder, `4.${attempt + 1}.lease`), id)
    expect(await running).toEqual(squares(5))
    await executor.close()
  })

  it('gives up a chunk that is begun again and again without an end', async () => {
    const made = bench()
    made.scheduler.loses = 100
    const executor = await made.open({ times: { watch: 200 } })
    const running = made.collect(executor, 5)
    const folder = scanFolder(made, 5)
    await until(() => existsSync(join(folder, 'scan.json')))
    for (let attempt = 1; attempt <= 8; attempt++) {
      deadPilot(made, `p${attempt}`, '', 'ending')
      writeFileSync(join(folder, `3.${attempt}.lease`), `p${attempt}`)
    }
    await expect(running).rejects.toMatchObject({
      code: 'ChunkLost',
      message: expect.stringMatching(/chunk 3 of 5 was begun 8 times and never finished/),
    })
    await executor.close()
  })

  it('judges by the clock of the file system, whatever clocks of machines say', async () => {
    const made = bench()
    const real = Date.now
    Date.now = () => real() + 3_600_000
    try {
      const executor = await made.open()
      expect(await made.collect(executor, 20)).toEqual(squares(20))
      await executor.close()
      expect(made.scheduler.submitted).toEqual([2])
    } finally {
      Date.now = real
    }
  })

  it('says the first error in the order of the plan, as threads do', async () => {
    const made = bench(squareTask({ wrong: [11, 5, 17] }))
    const executor = await made.open()
    await expect(made.collect(executor, 20)).rejects.toMatchObject({
      code: 'FormatInvalid',
      message: 'line 5 is wrong',
    })
    await executor.close()
    expect(existsSync(join(made.folder, 'scans'))).toBe(false)
  })

  it('tries elsewhere what one node may lack, and names the nodes when it is lacking everywhere', async () => {
    const once = bench(squareTask({ missing: new Map([[3, 1]]) }))
    const executor = await once.open({ tasks: 3 })
    expect(await once.collect(executor, 10)).toEqual(squares(10))
    await executor.close()

    const always = bench(squareTask({ missing: new Map([[3, 99]]) }))
    const other = await always.open({ tasks: 3 })
    await expect(always.collect(other, 10)).rejects.toMatchObject({
      code: 'FileNotFound',
      message: expect.stringMatching(/^there is no such file; check the path \(tried 2 times, on /),
      place: { file: 'x.vcf' },
    })
    await other.close()
  })

  it('submits again what the scheduler lost, and gives up in the end', async () => {
    const made = bench()
    made.scheduler.loses = 2
    const executor = await made.open()
    expect(await made.collect(executor, 10)).toEqual(squares(10))
    await executor.close()
    expect(made.scheduler.submitted.length).toBe(3)

    const never = bench()
    never.scheduler.loses = 1000
    const other = await never.open({ times: { watch: 5 } })
    await expect(never.collect(other, 10)).rejects.toMatchObject({
      code: 'SchedulerFailed',
      message: expect.stringMatching(/submitted 5 times and were gone each time/),
    })
    await other.close()
    expect(never.scheduler.submitted.length).toBe(5)
  })

  it('asks for more pilots when a larger scan comes, also where only whole jobs are told', async () => {
    for (const whole of [false, true]) {
      const made = bench(squareTask({ slow: 10 }))
      made.scheduler.wholeJobs = whole
      const executor = await made.open({ tasks: 4 })
      expect(await made.collect(executor, 2)).toEqual(squares(2))
      expect(await made.collect(executor, 40)).toEqual(squares(40))
      expect(made.scheduler.submitted).toEqual([2, 2])
      await executor.close()
    }
  })

  it('says what a scheduler says that takes no job', async () => {
    const made = bench()
    made.scheduler.refuses = 'Slurm did not take the job: invalid partition; exit status 1'
    const executor = await made.open()
    await expect(made.collect(executor, 10)).rejects.toMatchObject({ message: made.scheduler.refuses })
    await executor.close()
  })

  it('goes on without a scheduler that does not answer', async () => {
    const made = bench(squareTask({ slow: 20 }))
    const executor = await made.open()
    const running = made.collect(executor, 30)
    await until(() => made.scheduler.submitted.length > 0)
    made.scheduler.down = true
    expect(await running).toEqual(squares(30))
    expect(made.notes.filter((note) => /goes on, and asks again/.test(note)).length).toBe(1)
    made.scheduler.down = false
    await executor.close()
  })

  it('stops with its reason, cancels its jobs and keeps what is finished', async () => {
    const made = bench(squareTask({ slow: 20 }))
    const executor = await made.open()
    const controller = new AbortController()
    const running = made.collect(executor, 60, controller.signal)
    // Those that are being written are not kept.
    const whole = () => readdirSync(made.results).filter((name) => !name.endsWith('.partial')).length
    await until(() => whole() > 5)
    controller.abort(new UpturnError('Interrupted', 'enough'))
    await expect(running).rejects.toMatchObject({ code: 'Interrupted' })
    await executor.close()
    expect(made.scheduler.cancelled).toEqual(['101'])
    expect(existsSync(made.folder)).toBe(false)
    const kept = whole()
    expect(kept).toBeGreaterThan(5)
    const again = await made.open()
    expect(await made.collect(again, 60)).toEqual(squares(60))
    await again.close()
  })

  it('finds its jobs again when the coordinator died, and submits nothing twice', async () => {
    const made = bench(squareTask({ slow: 30 }))
    const first = await made.open()
    const controller = new AbortController()
    void made.collect(first, 60, controller.signal).catch(() => undefined)
    await until(() => readdirSync(made.results).length > 5)
    // A coordinator that is killed closes nothing.
    controller.abort(new UpturnError('Interrupted', 'killed'))
    const second = await made.open()
    expect(await made.collect(second, 60)).toEqual(squares(60))
    expect(made.scheduler.submitted).toEqual([2])
    expect(made.notes).toContain('goes on with the jobs of an earlier run: 101')
    await second.close()
    expect(made.scheduler.cancelled).toEqual(['101'])
  })

  it('goes on with bundles of an earlier coordinator, also where a chunk now takes longer', async () => {
    const trouble = { slow: 5 }
    const made = bench(squareTask(trouble))
    const first = await made.open({ times: { local: 50 } })
    const controller = new AbortController()
    void made.collect(first, 200, controller.signal).catch(() => undefined)
    await until(() => readdirSync(made.results).length > 30)
    controller.abort(new UpturnError('Interrupted', 'killed'))
    trouble.slow = 60
    const second = await made.open({ times: { local: 20 } })
    expect(await made.collect(second, 200)).toEqual(squares(200))
    await second.close()
  })

  it('duplicates are harmless: the first result stays', async () => {
    const made = bench(squareTask({ slow: 10 }))
    const executor = await made.open()
    const running = made.collect(executor, 12)
    const path = join(made.results, '0-x')
    await until(() => existsSync(path))
    const before = statSync(path).ino
    // A pilot taken for dead that comes back writes its result all the same.
    const { writeResult } = await import('../chunk-file.ts')
    await writeResult(path, { value: 1, table: Float64Array.of(0, 0, 0) }, 'late', true)
    expect(statSync(path).ino).toBe(before)
    expect(await running).toEqual(squares(12))
    await executor.close()
  })

  it('a pilot ends when nothing is left, when the run is over, and when the folder is gone', async () => {
    const made = bench()
    made.scheduler = new FakeScheduler(() => ({ stop: () => undefined, ended: new Promise(() => undefined) }))
    const executor = await made.open({ times: { idle: 100 } })
    expect(await made.startPilot('').ended).toBe('idle')
    const busy = made.startPilot('')
    writeFileSync(runFolder(made.folder).stop, '')
    expect(await busy.ended).toBe('stopped')
    await executor.close()
    await expect(made.startPilot('').ended).rejects.toMatchObject({ code: 'FileNotFound' })
  })

  it('ends jobs that another version of Upturn left at work, and begins anew', async () => {
    const made = bench(squareTask({ slow: 30 }))
    const first = await made.open()
    const controller = new AbortController()
    void made.collect(first, 60, controller.signal).catch(() => undefined)
    await until(() => readdirSync(made.results).length > 5)
    controller.abort(new UpturnError('Interrupted', 'killed'))
    const { run } = runFolder(made.folder)
    writeFileSync(run, readFileSync(run, 'utf8').replace('0.0.0', '9.9.9'))
    const second = await made.open()
    expect(made.scheduler.cancelled).toEqual(['101'])
    expect(await made.collect(second, 60)).toEqual(squares(60))
    expect(made.scheduler.submitted).toEqual([2, 2])
    await second.close()
  })

  it('a pilot of another version does not take part', async () => {
    const made = bench()
    const executor = await made.open()
    const { run } = runFolder(made.folder)
    writeFileSync(run, readFileSync(run, 'utf8').replace('0.0.0', '9.9.9'))
    await expect(made.startPilot('').ended).rejects.toMatchObject({
      code: 'BadArgument',
      message: expect.stringMatching(/coordinated by Upturn 9\.9\.9, this worker is 0\.0\.0/),
    })
    await executor.close()
  })
})
