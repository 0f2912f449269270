// Runs a program and measures it: wall time by the clock, processor time of the process and its children (what else runs on
// the machine changes it little), peak memory as the largest sum of resident sets seen over the process and its children
// (sampled every 20 ms; the high-water mark of the process itself when that is larger).
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

const field = (pid, name) => {
  try {
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

function tree(root) {
  const parents = new Map()
  for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) parents.set(Number(name), field(name, 'PPid'))
  const inside = new Set([root])
  for (let grew = true; grew; ) {
    grew = false
    for (const [pid, parent] of parents)
      if (inside.has(parent) && !inside.has(pid)) {
        inside.add(pid)
        grew = true
      }
  }
  return [...inside]
}

/** Seconds of processor time of children that have ended; a tick is 10 ms wherever Linux runs. */
function ofChildren() {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
    .map(Number)
  return (user + system) / 100
}

/** @returns {Promise<{seconds: number, processor: number, megabytes: number, stdout: string}>} */
export function measure(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const before = ofChildren()
    const began = performance.now()
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let stdout = ''
    let stderr = ''
    let peak = 0
    child.stdout.on('data', (text) => {
      stdout += text
    })
    child.stderr.on('data', (text) => {
      stderr += text
    })
    const timer = setInterval(() => {
      const pids = tree(child.pid)
      peak = Math.max(
        peak,
        pids.reduce((sum, pid) => sum + field(pid, 'VmRSS'), 0),
        field(child.pid, 'VmHWM'),
      )
    }, 20)
    child.on('error', reject)
    child.on('exit', (code) => {
      clearInterval(timer)
      if (code !== 0)
        reject(
          new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout.slice(-1500)}\n${stderr.slice(-1500)}`),
        )
      else
        resolve({
          seconds: (performance.now() - began) / 1000,
          processor: ofChildren() - before,
          megabytes: peak / 1024,
          stdout,
        })
    })
  })
}

/** Arms are taken in turn, `rounds` times, so that a slow minute of the machine meets them all. */
export async function interleave(arms, rounds) {
  const results = Object.fromEntries(Object.keys(arms).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const [name, arm] of Object.entries(arms)) results[name].push(await arm())
  return Object.fromEntries(
    Object.entries(results).map(([name, runs]) => {
      const seconds = runs.map((run) => run.seconds).sort((a, b) => a - b)
      return [
        name,
        {
          minimum: seconds[0],
          median: seconds[seconds.length >> 1],
          processor: Math.min(...runs.map((run) => run.processor)),
          megabytes: Math.max(...runs.map((run) => run.megabytes)),
          runs: runs.length,
        },
      ]
    }),
  )
}

export const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0

export const machine = () =>
  `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`

export function table(results) {
  const names = Object.keys(results)
  const width = Math.max(...names.map((name) => name.length))
  const lines = [`${''.padEnd(width)}   minimum    median   processor   peak memory   runs`]
  for (const name of names) {
    const r = results[name]
    lines.push(
      `${name.padEnd(width)} ${r.minimum.toFixed(2).padStart(7)} s ${r.median.toFixed(2).padStart(7)} s ${r.processor.toFixed(2).padStart(9)} s ${r.megabytes.toFixed(0).padStart(9)} MB ${String(r.runs).padStart(6)}`,
    )
  }
  return lines.join('\n')
}
