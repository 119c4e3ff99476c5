package org.imagerl.bench.denoiser;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import org.imagerl.bench.timing.Seconds;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.spi.work.Memory;
import org.imagerl.toolkit.lora.LoraTuning;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.random.RandomStreams;

/** One kind of work on weights that are in no file; the most memory that the whole process had is then of this work. */
record SingleWork(DenoiserShape shape, DenoiserBenchmark.Settings settings) {

    /** Reports each repeat, the first among them. */
    void run(DenoiserBenchmark.Work work, Report report) {
        try (RandomCheckpoint described = RandomCheckpoint.described(shape, settings.parent());
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Denoiser denoiser = shape.declare(described.config(), work.checkpointing());
            NetworkWeights.initialise(denoiser.network(), manager, new RandomStreams(1));
            Passes passes = new Passes(shape, manager);
            report.line("%s; %.3f GB resident with the weights", shape.title(), Memory.residentBytes() / 1e9);
            if (work == DenoiserBenchmark.Work.FORWARD) {
                repeat(() -> passes.forward(denoiser), report);
                return;
            }
            try (LoraTuning tuning = Passes.lora(denoiser, settings.rank(), manager)) {
                repeat(() -> passes.step(denoiser, tuning), report);
            }
        }
    }

    private void repeat(Runnable work, Report report) {
        for (int i = 0; i < settings.repeats(); i++) {
            Seconds seconds = Seconds.of(work);
            report.line(
                    "clock %.3f s, processor %.3f s, peak %.3f GB",
                    seconds.clock(), seconds.processor(), Memory.peakBytes() / 1e9);
        }
    }
}
