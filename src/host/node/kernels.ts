import { readFileSync } from 'node:fs'
import { UpturnError } from '../../errors/index.ts'
import { installKernels } from '../../numerics/kernels.ts'

/** Compiles the kernels that lie beside the built code and installs them. */
export function installNodeKernels(): void {
  installKernels(kernelModule())
}

let compiled: WebAssembly.Module | undefined

/** The compiled kernels: cheap to hand to workers. */
export function kernelModule(): WebAssembly.Module {
  compiled ??= compile()
  return compiled
}

function compile(): WebAssembly.Module {
  const path = new URL('../../kernels/kernels.wasm', import.meta.url)
  try {
    return new WebAssembly.Module(readFileSync(path))
  } catch (error) {
    throw new UpturnError(
      'Internal',
      'the kernels are missing from this installation; run npm ci in the project folder',
      { cause: error },
    )
  }
}
