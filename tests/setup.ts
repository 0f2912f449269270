import { readFileSync } from 'node:fs'
import { installKernels } from '../src/numerics/kernels.ts'

installKernels(new WebAssembly.Module(readFileSync(new URL('../kernels/build/kernels.wasm', import.meta.url))))
