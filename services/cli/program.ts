import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { backtestCommand } from './commands/backtest.ts';
import { backupCommand } from './commands/backup.ts';
import { declareCommand } from './commands/declare.ts';
import { decommissionCommand } from './commands/decommission.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { enrolCommand } from './commands/enrol.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { joinCommand } from './commands/join.ts';
import { loadCommand } from './commands/load.ts';
import { lossCommand } from './commands/loss.ts';
import { peopleCommand } from './commands/people.ts';
import { recordCommand } from './commands/record.ts';
import { redriveCommand } from './commands/redrive.ts';
import { replayCommand } from './commands/replay.ts';
import { restoreCommand } from './commands/restore.ts';
import { serviceCommands } from './commands/service.ts';
import { statusCommand } from './commands/status.ts';
import { trainCommand } from './commands/train.ts';
import { upCommand } from './commands/up.ts';

/** The whole command line. Exit status: 0 fine, 1 a problem was found or met, 78 the configuration cannot be used. */
export function createProgram(): Command {
  const program = new Command('davylamp')
    .description(
      'Shows token mining that hides behind AI compute: it measures, explains, and leaves the judgement to a person.',
    )
    .version(packageJson.version)
    .showHelpAfterError()
    .addHelpText(
      'after',
      '\nSettings come from DAVYLAMP_* variables or the JSON file named by DAVYLAMP_CONFIG.',
    );
  program.commandsGroup('Run:');
  for (const command of [upCommand(), demoCommand(), loadCommand(), joinCommand(), ...serviceCommands()])
    program.addCommand(command);
  program.commandsGroup('Look:');
  for (const command of [
    statusCommand(),
    lossCommand(),
    doctorCommand(),
    replayCommand(),
    backtestCommand(),
    evaluateCommand(),
    trainCommand(),
    recordCommand(),
  ])
    program.addCommand(command);
  program.commandsGroup('Act:');
  for (const command of [
    declareCommand(),
    enrolCommand(),
    decommissionCommand(),
    peopleCommand(),
    redriveCommand(),
    backupCommand(),
    restoreCommand(),
  ])
    program.addCommand(command);
  return program;
}
