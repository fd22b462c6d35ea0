// Returns a Response with a file's contents. Files are packed when the site is built, so that they
// travel small from any host; a host that declares the packing has had them unpacked already.
export async function unpacked(blob, type = "application/octet-stream") {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const packed = first === 0x1f && second === 0x8b;
  const stream = packed ? blob.stream().pipeThrough(new DecompressionStream("gzip")) : blob.stream();
  return new Response(stream, { headers: { "Content-Type": type } });
}
