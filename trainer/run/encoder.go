package run

import (
	"errors"

	"go.uber.org/zap"

	"crossbatch/backbone"
	"crossbatch/trainer"
	"crossbatch/xbm/device"
)

// onDevice is a network that embeds on a device.
type onDevice struct {
	*backbone.Net
	on *device.Encoder
}

// Embed implements trainer.Encoder.
func (n onDevice) Embed(dst, images []float32) error { return n.on.Embed(dst, images) }

// trainee is a network that is trained where a configuration has its device.
func (s *Session) trainee(c trainer.Config, net *backbone.Net) (trainer.Encoder, error) {
	e, err := s.encoder(c, net)
	on, is := e.(onDevice)
	if err != nil || !is {
		return e, err
	}
	if c.Keys.Encoder == trainer.EncoderMomentum {
		s.log().Warn("the momentum encoder is computed by the processor, to which weights come in each step")
	}
	var grads [][]float32
	net.State(func(_ string, _ []int, _, grad []float32) { grads = append(grads, grad) })
	err = on.on.Trainable(grads)
	switch {
	case c.Batch.Chunk > 0:
		err = errors.New("its batch goes chunk by chunk")
	case s.Comm != nil && s.Comm.Size() > 1:
		err = errors.New("several ranks train it")
	}
	if err != nil {
		s.log().Warn("the network is trained by the processor", zap.String("because", err.Error()))
		return on, nil
	}
	return &trainedOnDevice{onDevice: on}, nil
}

// encoder is a network where a configuration has its device: one at a time.
func (s *Session) encoder(c trainer.Config, net *backbone.Net) (trainer.Encoder, error) {
	card, err := s.device(c)
	if err != nil || card == nil {
		return net, err
	}
	if s.encoding != nil && s.embeds == net {
		return onDevice{Net: net, on: s.encoding}, nil
	}
	if err := s.encoding.Close(); err != nil {
		return nil, err
	}
	s.encoding, s.embeds = nil, nil
	var arrays [][]float32
	net.State(func(_ string, _ []int, value, _ []float32) { arrays = append(arrays, value) })
	on, err := card.NewEncoder(net.Network(), arrays)
	if err != nil {
		s.log().Warn("the network is computed by the processor", zap.String("because", err.Error()))
		return net, nil
	}
	s.encoding, s.embeds = on, net
	return onDevice{Net: net, on: on}, nil
}
