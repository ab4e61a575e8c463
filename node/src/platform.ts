/** The kinds of machines that there is a native part for. */

/** The platforms that there are packages for. */
export const PLATFORMS: readonly string[] = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "linux-x64-gnu",
  "linux-x64-musl",
  "win32-arm64-msvc",
  "win32-x64-msvc",
];

/** The name of this machine's kind, as in the names of the packages. */
export function platform(): string {
  const here = `${process.platform}-${process.arch}`;
  switch (process.platform) {
    case "linux":
      return `${here}-${hasGlibc() ? "gnu" : "musl"}`;
    case "win32":
      return `${here}-msvc`;
    default:
      return here;
  }
}

function hasGlibc(): boolean {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  // The addresses of the machine are not needed, and slow to find.
  const before = report.excludeNetwork ?? false;
  report.excludeNetwork = true;
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = before;
  return header.glibcVersionRuntime !== undefined;
}
