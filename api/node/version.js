// Plain JavaScript, loaded before anything else: an old Node cannot read the TypeScript that follows.
const [major = 0] = process.versions.node.split('.').map(Number);

if (major < 24) {
  process.stderr.write(
    `Tongka needs Node 24 and found ${process.version}: run it through npm, which uses the Node that ` +
      '"npm ci" puts into node_modules. If it is missing there, npm was told to skip install ' +
      'scripts: run "npm rebuild node".\n',
  );
  process.exit(1);
}
