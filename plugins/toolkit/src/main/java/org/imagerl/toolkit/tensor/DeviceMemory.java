package org.imagerl.toolkit.tensor;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import org.imagerl.spi.work.Memory;

/** Measures how much memory of a device a computation takes. */
public interface DeviceMemory {

    /** Begins to look for a peak, after giving back what is not in use. */
    void reset();

    /** The most bytes that were in use since then: of a GPU by all programs, of the machine by this process; 0 where it is not known. */
    long peak();

    /** As many bytes as there may be in use; 0 where it is not known. */
    long limit();

    /** Whether too much is an error that a program survives. */
    boolean survives();

    /** The memory of a device. */
    static DeviceMemory of(Device device) {
        return device.isGpu() ? new Gpu(device) : new Ram();
    }

    /** The memory of the machine: Linux reports the peak of the resident memory. */
    record Ram() implements DeviceMemory {
        @Override
        public void reset() {
            System.gc();
            NativeSettings.giveBack();
            Memory.resetPeak();
        }

        @Override
        public long peak() {
            return Memory.peakBytes();
        }

        @Override
        public long limit() {
            long available = Memory.availableBytes();
            return available == 0 ? 0 : Memory.residentBytes() + available;
        }

        @Override
        public boolean survives() {
            return false; // the system ends the process
        }
    }

    /**
     * The memory of a GPU: PyTorch keeps what it has taken until it is asked to give it back, so that the amount at the
     * end is the peak.
     */
    record Gpu(Device device) implements DeviceMemory {
        @Override
        public void reset() {
            JniUtils.emptyCudaCache();
        }

        @Override
        public long peak() {
            return CudaUtils.getGpuMemory(device).getUsed();
        }

        @Override
        public long limit() {
            return CudaUtils.getGpuMemory(device).getMax();
        }

        @Override
        public boolean survives() {
            return true;
        }
    }
}
