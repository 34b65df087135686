import { findTool } from './tool.ts';

/** The path of promtool, by which Prometheus judges rules: PROMTOOL_BIN, PATH, or the package manager where we are root. */
export const promtool = (): string =>
  findTool({ command: 'promtool', variable: 'PROMTOOL_BIN', debianPackage: 'prometheus' });
