package run

import (
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

// encoder is a network where a configuration has its device: one at a time.
func (s *Session) encoder(c trainer.Config, net *backbone.Net) (trainer.Encoder, error) {
	card, err := s.device(c)
	if err != nil || card == nil {
		return net, err
	}
	if s.encoding != nil && s.embeds == net {
		return onDevice{net, s.encoding}, nil
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
	return onDevice{net, on}, nil
}
