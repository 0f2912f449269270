import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type CommandOptions, list, openOptionsOf } from './command.ts'
import { selectionGiven } from './selection.ts'

/** Options that say who is a case. */
export function defineCases(command: Command): Command {
  return command
    .requiredOption('--phenotypes <file>', 'table with one row a person')
    .requiredOption('--case <column>', 'who is a case: 1/2 (PLINK), 0/1, true/false, or words with --case-value')
    .option('--case-value <word>', 'the value of a case')
    .option('--id <column>', 'sample ids (default: IID, sample, id ...)')
}

/** Options of commands that test genotypes against a table with one row a person. */
export function definePhenotypes(command: Command): Command {
  return defineCases(command)
    .option('--covariates <columns>', 'comma-separated', list, [])
    .option('--strata <column>', 'labels are redrawn within these')
    .option(
      '--matched <column>',
      'matched sets, or a file with the columns set and patient or sample: every test is its form within them; who is in none is left out',
    )
}

/** What they say of cases, and the genotypes, selection and reference beside them. */
export function casesGiven(genotypes: string, options: CommandOptions) {
  return {
    genotypes,
    open: openOptionsOf(options),
    phenotypes: String(options.phenotypes),
    caseColumn: String(options.case),
    caseValue: options.caseValue as string | undefined,
    idColumn: options.id as string | undefined,
    out: resolve(String(options.out)),
    build: String(options.build),
    reference: options.reference as string | undefined,
    selection: selectionGiven(options),
  }
}

/** What they say, and the genotypes, selection, reference, seed and level beside them. */
export function tableDesignGiven(genotypes: string, options: CommandOptions) {
  return {
    ...casesGiven(genotypes, options),
    covariates: options.covariates as string[],
    strata: options.strata as string | undefined,
    matched: options.matched as string | undefined,
    seed: Number(options.seed),
    alpha: Number(options.alpha),
  }
}
