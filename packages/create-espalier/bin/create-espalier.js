#!/usr/bin/env node
import { main } from '../dist/command.js';

process.exitCode = main(process.argv.slice(2), process.cwd());
