// Runs models by onnxruntime: argv[2] is a file with a list of jobs, each of a
// model, and an input: its name, type, dims and a file of its numbers. Writes the
// float32 numbers of the output to the job's output, and prints what the models
// say of their inputs and outputs.
const fs = require('fs');
const ort = require('onnxruntime-node');

async function run(job) {
  const session = await ort.InferenceSession.create(job.model, { intraOpNumThreads: 1 });
  const raw = fs.readFileSync(job.numbers);
  const numbers = job.type === 'uint8' ? new Uint8Array(raw) : new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
  const result = await session.run({ [job.input]: new ort.Tensor(job.type, numbers, job.dims) });
  const output = result[session.outputNames[0]];
  fs.writeFileSync(job.output, Buffer.from(output.data.buffer, output.data.byteOffset, output.data.byteLength));
  return { inputs: session.inputNames, outputs: session.outputNames, dims: output.dims, shape: session.inputMetadata[0].shape };
}

(async () => {
  const said = [];
  for (const job of JSON.parse(fs.readFileSync(process.argv[2]))) said.push(await run(job));
  console.log(JSON.stringify(said));
})().catch((err) => {
  console.error(err.message);
  process.exit(1);
});
