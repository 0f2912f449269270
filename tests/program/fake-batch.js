// A batch system of one machine, for tests: `submit COUNT SCRIPT`, `status JOB`, `cancel JOB`; elements are background
// processes. Its state lies in $FAKE_BATCH: one folder a job, one file a process. `lose` there holds how many jobs are
// taken and never started.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env.FAKE_BATCH
const [verb, argument, script] = process.argv.slice(2)
const pids = (job) =>
  existsSync(join(folder, job)) ? readdirSync(join(folder, job)).filter((name) => /^\d+$/.test(name)) : []
const alive = (pid) => {
  try {
    process.kill(Number(pid), 0)
    // A child that nobody waits for stays in the table of processes.
    return !/\nState:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

if (verb === 'submit') {
  const job = String(1 + readdirSync(folder).filter((name) => /^\d+$/.test(name)).length)
  mkdirSync(join(folder, job))
  const lose = join(folder, 'lose')
  const lost = existsSync(lose) ? Number(readFileSync(lose, 'utf8')) : 0
  if (lost > 0) writeFileSync(lose, String(lost - 1))
  else
    for (let i = 1; i <= Number(argument); i++) {
      const log = openSync(join(folder, job, `log-${i}`), 'a')
      const child = spawn('sh', [script], {
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, JOB_ID: job, SGE_TASK_ID: String(i), NSLOTS: '1' },
      })
      writeFileSync(join(folder, job, String(child.pid)), '')
      child.unref()
    }
  console.log(`Your job-array ${job}.1-${argument}:1 ("pilot.sh") has been submitted`)
} else if (verb === 'status') process.exitCode = pids(argument).some(alive) ? 0 : 1
else if (verb === 'cancel') {
  const living = pids(argument).filter(alive)
  for (const pid of living) process.kill(Number(pid), 'SIGTERM')
  process.exitCode = living.length > 0 ? 0 : 1
}
