import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { constants, copyFile, link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { UpturnError } from '../errors/index.ts'
import { fileError, makeFolder } from '../host/node/files.ts'

interface Holder {
  pid: number
  machine: string
  /** Start time of the process in clock ticks, where the system tells: a pid may be used again. */
  started: string
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return ''
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function alive(holder: Holder): boolean {
  if (holder.machine !== hostname()) return true
  return runs(holder.pid) && holder.started === startOf(holder.pid)
}

/**
 * Makes a folder in `parent` that is this process's alone, `.PREFIX-MACHINE-PID`, and removes those of processes of this machine that
 * are gone: whoever was killed could not.
 */
export async function temporaryFolder(parent: string, prefix: string): Promise<string> {
  const start = `.${prefix}-${hostname()}-`
  await makeFolder(parent)
  for (const name of await readdir(parent)) {
    const pid = Number(name.slice(start.length))
    if (name.startsWith(start) && Number.isInteger(pid) && (pid === process.pid || !runs(pid)))
      await rm(join(parent, name), { recursive: true, force: true })
  }
  const folder = join(parent, start + process.pid)
  await makeFolder(folder)
  return folder
}

/** Who holds a lock: undefined for nobody. `alive` is null where that process is on another machine. */
export async function lockHolder(
  path: string,
): Promise<{ pid: number; machine: string; alive: boolean | null } | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Holder
    return {
      pid: holder.pid,
      machine: holder.machine,
      alive: holder.machine === hostname() ? alive(holder) : null,
    }
  } catch {
    return undefined
  }
}

/** Gives the file its name unless another has it. With a hard link the name appears together with what the file says, so that nobody reads half a lock. */
async function claim(own: string, path: string): Promise<void> {
  try {
    await link(own, path)
  } catch (error) {
    // Some disks have no hard links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error
    await copyFile(own, path, constants.COPYFILE_EXCL)
  }
}

async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

/**
 * Takes the right to write to an output folder; returns how to give it back. A lock whose process is gone (killed, or
 * the machine restarted) is taken over.
 */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  const mine: Holder = { pid: process.pid, machine: hostname(), started: startOf(process.pid) }
  await makeFolder(dirname(path))
  const own = `${path}.${process.pid}-${randomUUID()}.partial`
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      await writeFile(own, JSON.stringify(mine))
      try {
        await claim(own, path)
        return () => rm(path, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const holder = await holderOf(path)
      if (holder !== undefined && alive(holder))
        throw new UpturnError(
          'OutputLocked',
          `process ${holder.pid} on ${holder.machine} is writing to this folder; wait for it to end, stop it, or choose another folder with --out${
            holder.machine === hostname() ? '' : ` (if that process is gone, remove ${path})`
          }`,
          { place: { file: dirname(dirname(path)) } },
        )
      // Nobody's any more. Another process may have taken it over meanwhile: what is moved away is looked at, and given back.
      await rename(path, own).catch(() => undefined)
      const moved = await holderOf(own)
      if (moved !== undefined && moved.pid !== mine.pid && alive(moved)) await link(own, path).catch(() => undefined)
    }
  } catch (error) {
    throw fileError(error, path)
  } finally {
    await rm(own, { force: true })
  }
  throw new UpturnError('OutputLocked', 'the lock of this folder cannot be taken; try again', { place: { file: path } })
}
