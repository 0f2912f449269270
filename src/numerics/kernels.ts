import { UpturnError } from '../errors/index.ts'
import type { KernelExports } from './kernel-exports.ts'

const pageBytes = 65536
const alignment = 16

/**
 * One instance of the WebAssembly kernels with a bump allocator over its memory.
 *
 * Views are valid until the next `allocate`, which may grow the memory: take them after allocating. `scope` gives back
 * whatever was allocated inside it.
 */
export class Kernels {
  readonly call: KernelExports
  readonly #module: WebAssembly.Module
  readonly #memory: WebAssembly.Memory
  #top: number

  constructor(module: WebAssembly.Module) {
    this.#module = module
    this.#memory = new WebAssembly.Memory({ initial: 1 })
    const instance = new WebAssembly.Instance(module, {
      env: {
        memory: this.#memory,
        abort: () => {
          throw new UpturnError('Internal', 'a kernel aborted')
        },
      },
    })
    // A copy: the exports object of an instance is slow to look up.
    this.call = { ...instance.exports } as unknown as KernelExports
    this.#top = Math.ceil(this.call.heapBase() / alignment) * alignment
  }

  /** The same kernels with a memory of their own, for what must last beyond a scope. */
  another(): Kernels {
    return new Kernels(this.#module)
  }

  /** Reserves bytes, 16-aligned, contents unspecified; returns the pointer. */
  allocate(bytes: number): number {
    const pointer = this.#top
    const end = pointer + Math.ceil(bytes / alignment) * alignment
    const missing = end - this.#memory.buffer.byteLength
    if (missing > 0) {
      const pages = Math.max(Math.ceil(missing / pageBytes), this.#memory.buffer.byteLength / pageBytes / 4)
      this.#memory.grow(Math.ceil(pages))
    }
    this.#top = end
    return pointer
  }

  /** Runs `work`, then frees everything allocated inside it. */
  scope<T>(work: () => T): T {
    const mark = this.#top
    try {
      return work()
    } finally {
      this.#top = mark
    }
  }

  f64(pointer: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#memory.buffer, pointer, length)
  }
  i32(pointer: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#memory.buffer, pointer, length)
  }
  u32(pointer: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#memory.buffer, pointer, length)
  }
  u16(pointer: number, length: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.#memory.buffer, pointer, length)
  }
  u8(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, pointer, length)
  }

  /** Allocates and fills; returns the pointer. */
  put(values: Float64Array | Int32Array | Uint32Array | Uint8Array | BigUint64Array): number {
    const pointer = this.allocate(values.byteLength)
    this.u8(pointer, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    return pointer
  }
}

let installed: Kernels | undefined

/** Makes the kernels available to every function of the library; calls after it are synchronous. */
export function installKernels(module: WebAssembly.Module): void {
  installed ??= new Kernels(module)
}

/** The installed kernels. */
export function kernels(): Kernels {
  if (installed === undefined)
    throw new UpturnError('Internal', 'installKernels(module) must be called before any statistic is computed')
  return installed
}
