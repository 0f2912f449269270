import type { CliCommand } from '../command.ts'
import { associate } from './associate.ts'
import { calibrate } from './calibrate.ts'
import { check } from './check.ts'
import { convert } from './convert.ts'
import { demo } from './demo.ts'
import { geneTests } from './gene-tests.ts'
import { importCommand } from './import.ts'
import { inspect } from './inspect.ts'
import { intake } from './intake.ts'
import { kinship } from './kinship.ts'
import { ld } from './ld.ts'
import { meta } from './meta.ts'
import { pca } from './pca.ts'
import { plan } from './plan.ts'
import { quality } from './quality.ts'
import { run } from './run.ts'
import { simulate } from './simulate.ts'
import { stageCommands } from './stages.ts'
import { status } from './status.ts'
import { testTable } from './test-table.ts'
import { worker } from './worker.ts'

/** In the order in which the manual lists them. */
export const commands: readonly CliCommand[] = [
  demo,
  simulate,
  run,
  check,
  status,
  inspect,
  convert,
  importCommand,
  quality,
  kinship,
  pca,
  ld,
  intake,
  associate,
  geneTests,
  testTable,
  meta,
  calibrate,
  ...stageCommands,
  plan,
  worker,
]
